import { isTokenError, TokenStoreError } from '../../errors.js'
import type { StoredSession } from '../token-store.js'
import type { SealedFormat } from '../keyring/sealed-format.js'
import { PLAIN, type Content, type SessionFormat } from '../file/session-format.js'

/** Where a session is. @public */
export type LocalKind = 'keyring' | 'file'

/** @public */
export interface LocalChoice {
  readonly kind: LocalKind
  /** Why not the keyring. */
  readonly reason?: TokenStoreError
}

/** The choice that a file is the witness of. @internal */
export function kindOf(content: Content | undefined): LocalKind | undefined {
  if (content?.sealed !== undefined) return 'keyring'
  return content?.session === undefined ? undefined : 'file'
}

/**
 * Sealed where the keyring can be used, else in clear. Chosen at each login that replaces nothing
 * sealed: whoever planted a session in clear has chosen nothing. What is sealed stays sealed, and a
 * clear session in the place of one whose key the keyring holds is not believed.
 *
 * @internal
 */
export function localFormat(
  path: string,
  sealed: SealedFormat,
  onChoice: (choice: LocalChoice) => void,
): SessionFormat {
  return {
    decode: async (content) => {
      if (kindOf(content) !== 'keyring') {
        if (await sealed.isKnown()) throw downgraded(path)
        return PLAIN.decode(content)
      }
      return sayingHow(path, () => sealed.decode(content))
    },
    encode: async (session, replaced) => {
      const kind = kindOf(replaced)
      if (kind === 'file' && goesOn(session, replaced)) return PLAIN.encode(session, replaced)
      if (kind === 'keyring') return sayingHow(path, () => sealed.encode(session, replaced))
      try {
        const content = await sealed.encode(session, replaced)
        onChoice({ kind: 'keyring' })
        return content
      } catch (reason) {
        if (!isTokenError(reason, 'ERR_TOKEN_STORE')) throw reason
        onChoice({ kind: 'file', reason })
        return PLAIN.encode(session, replaced)
      }
    },
  }
}

/** A refresh of the session in clear that is there, or its end. */
function goesOn({ sessionId, tokens }: StoredSession, replaced: Content | undefined): boolean {
  const there = (replaced?.session ?? {}) as Partial<StoredSession>
  return tokens === null || there.sessionId === sessionId
}

function downgraded(path: string): TokenStoreError {
  return new TokenStoreError(
    `${path} holds a session in clear, but this profile has been kept in the keyring: somebody may have put it there, so it is not used. Log in again`,
    { operation: 'load', reason: 'damaged' },
  )
}

/** No silent file in the place of a keyring: who chose that one relies on it. */
async function sayingHow<T>(path: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const isOurs = isTokenError(error, 'ERR_TOKEN_STORE') && error.reason !== 'undecryptable'
    if (!isOurs) throw error
    const { operation, reason, message } = error
    throw new TokenStoreError(
      `${message}. This session is kept in the keyring: use it where that can be reached, or, to keep it in a file from now on, remove ${path} and log in again`,
      { operation, reason, cause: error },
    )
  }
}
