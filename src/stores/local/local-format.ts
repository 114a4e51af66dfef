import { isTokenError, TokenStoreError } from '../../errors.js'
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
 * Sealed where the keyring can be used, else in clear. Chosen where there is no session yet; from
 * then on what is there decides.
 *
 * @internal
 */
export function localFormat(
  path: string,
  sealed: SessionFormat,
  onChoice: (choice: LocalChoice) => void,
): SessionFormat {
  return {
    decode: async (content) => {
      if (kindOf(content) !== 'keyring') return PLAIN.decode(content)
      return sayingHow(path, () => sealed.decode(content))
    },
    encode: async (session, replaced) => {
      const kind = kindOf(replaced)
      if (kind === 'file') return PLAIN.encode(session, replaced)
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
