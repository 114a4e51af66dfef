import { TokenStoreError } from '../../errors.js'

/** @internal */
export function damagedRecord(what: string): TokenStoreError {
  return new TokenStoreError(`What is stored is not a session: ${what}`, {
    operation: 'load',
    reason: 'damaged',
  })
}

/** It could not be read back. @internal */
export function tooLarge(): TokenStoreError {
  return new TokenStoreError(
    'The session is larger than 4 MB and was not saved: keep less in the `extra` of its tokens',
    { operation: 'save', isTransient: false },
  )
}

/** What cannot be read counts as nothing for who replaces it. @internal */
export function isUnreadable({ reason }: TokenStoreError): boolean {
  return reason === 'damaged' || reason === 'undecryptable'
}

/** @internal */
export function slowServer(
  name: string,
  operation: TokenStoreError['operation'],
  durationMs: number,
): TokenStoreError {
  return new TokenStoreError(
    `${name}: the store's ${operation} took longer than ${durationMs} ms`,
    {
      operation,
    },
  )
}
