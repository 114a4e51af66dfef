import { TokenStoreError } from '../../errors.js'

/** @internal */
export function damagedRecord(what: string): TokenStoreError {
  return new TokenStoreError(`What is stored is not a session: ${what}`, {
    operation: 'load',
    reason: 'damaged',
  })
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
