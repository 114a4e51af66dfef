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

/** What a local format asks and tells. */
export interface LocalChoosing {
  /** Told what a login chose. */
  onChoice: (choice: LocalChoice) => void
  /** Whether the session may be kept in clear, although there is a keyring: it is locked. */
  mayUseFile: (reason: TokenStoreError) => boolean | Promise<boolean>
}

/**
 * Sealed where the keyring can be used, else in clear. Chosen at each login that replaces nothing
 * sealed: whoever planted a session in clear has chosen nothing. What is sealed stays sealed, and a
 * clear session in the place of one whose key the keyring holds is not believed. A sign-out is: who
 * can plant one could remove the file as well.
 *
 * @internal
 */
export function localFormat(
  path: string,
  sealed: SealedFormat,
  { onChoice, mayUseFile }: LocalChoosing,
): SessionFormat {
  /** @throws TokenStoreError if the keyring is there, and locked, and the user wants no file */
  const assertFileWanted = async (reason: unknown): Promise<TokenStoreError> => {
    if (!isTokenError(reason, 'ERR_TOKEN_STORE')) throw reason
    if (reason.reason === 'locked' && !(await mayUseFile(reason))) throw reason
    return reason
  }

  return {
    decode: async (content) => {
      if (kindOf(content) === 'keyring') return orUnreachable(() => sealed.decode(content))
      if (!isSignOut(content) && (await sealed.isKnown())) throw downgraded(path)
      return PLAIN.decode(content)
    },
    encode: async (session, replaced) => {
      const kind = kindOf(replaced)
      if (kind === 'file' && goesOn(session, replaced)) return PLAIN.encode(session)
      if (kind === 'keyring') return sealedOrSignedOut(sealed, session, replaced)
      try {
        const content = await sealed.encode(session, replaced)
        onChoice({ kind: 'keyring' })
        return content
      } catch (error) {
        const reason = await assertFileWanted(error)
        onChoice({ kind: 'file', reason })
        return PLAIN.encode(session)
      }
    },
    sync: {
      decode: (content) => (kindOf(content) === 'keyring' ? sealed : PLAIN).sync?.decode(content),
      encode: (session, replaced) => {
        const kind = kindOf(replaced)
        if (kind === 'keyring') return sealed.sync?.encode(session, replaced)
        return kind === 'file' && goesOn(session, replaced) ? PLAIN.encode(session) : undefined // a login's choice, for which the keyring must be asked
      },
    },
    forget: (contentNow) => sealed.forget(contentNow),
    confirm: (content) => sealed.confirm(content),
    check: async (replaced) => {
      try {
        await sealed.check()
      } catch (error) {
        if (kindOf(replaced) === 'keyring') throw keptInKeyring(error)
        await assertFileWanted(error)
      }
    },
  }
}

/** A sign-out holds no secret: where the keyring cannot be reached, it is written in clear. */
async function sealedOrSignedOut(
  sealed: SealedFormat,
  session: StoredSession,
  replaced: Content | undefined,
): Promise<Content> {
  try {
    return await sealed.encode(session, replaced)
  } catch (error) {
    if (session.tokens === null) return PLAIN.encode(session)
    throw keptInKeyring(error)
  }
}

function isSignOut(content: Content): boolean {
  const there = content.session as Partial<StoredSession> | null | undefined
  return there?.tokens === null
}

/** A refresh of the session in clear that is there, or its end. */
function goesOn({ sessionId, tokens }: StoredSession, replaced: Content | undefined): boolean {
  const there = (replaced?.session ?? {}) as Partial<StoredSession>
  return tokens === null || there.sessionId === sessionId
}

function downgraded(path: string): TokenStoreError {
  return new TokenStoreError(
    `${path} holds a session in clear, but this profile has been kept in the keyring: someone may have put it there, so it is not used. Log in again`,
    { operation: 'load', reason: 'damaged' },
  )
}

/** `undecryptable`, so that a logout may take its place. */
async function orUnreachable<T>(decode: () => T | Promise<T>): Promise<T> {
  try {
    return await decode()
  } catch (error) {
    throw keptInKeyring(error, 'undecryptable')
  }
}

/** No silent file in the place of a keyring: who chose that one relies on it. */
function keptInKeyring(error: unknown, reason?: TokenStoreError['reason']): unknown {
  const isOurs = isTokenError(error, 'ERR_TOKEN_STORE') && error.reason !== 'undecryptable'
  if (!isOurs) return error
  return new TokenStoreError(
    `${error.message}. This session is kept in the keyring: use it where the keyring can be reached, or log out here and log in again`,
    {
      operation: error.operation,
      reason: reason ?? error.reason,
      isTransient: error.isTransient,
      cause: error,
    },
  )
}
