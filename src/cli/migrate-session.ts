import { rm } from 'node:fs/promises'
import { aFunction, aText, check, checkOptions, isFunction } from '../checks.js'
import { isTokenError, TokenStoreError } from '../errors.js'
import { followLinks, readPrivate } from '../stores/file/private-file.js'
import { newSession } from '../stores/stored-session.js'
import type { TokenStore } from '../stores/token-store.js'
import { toTokenSet } from '../tokens/to-token-set.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { ReadOldTokens } from './old-tokens.js'

/** @public */
export interface MigrateSessionOptions {
  /** The old file. */
  path: string
  /** Finds the tokens in the file: `jsonTokens()`, `msalTokens()`, or a function of yours. */
  read: ReadOldTokens
  /** Where the session is kept from now on: the store of your `TokenManager`. */
  store: Pick<TokenStore, 'load' | 'save'>
  /**
   * Removes the old tokens after the new store has them, because two copies of one refresh token
   * would end the session. Pass a function if the file contains other things too.
   *
   * @default removes the file
   */
  removeOld?: (() => unknown) | undefined
}

/**
 * Takes over a session from the file of another tool or an earlier version, in one call at the start
 * of the program. The old file stays until the saved session has been read back. If the store already
 * contains a session or a logout record, nothing is taken over.
 *
 * @returns whether a session was taken over now
 * @example
 * await migrateSession({ path: join(homedir(), '.my-cli.json'), read: jsonTokens('auth'), store })
 *
 * @throws TokenStoreError `damaged` if the old file cannot be read (it is not changed), `failed` if
 * the file belongs to another user, or the error of the store
 * @throws TokenOptionsError if an option is bad
 * @public
 */
export async function migrateSession(options: MigrateSessionOptions): Promise<boolean> {
  checkOptions('migrateSession', options, {
    path: aText,
    read: aFunction,
    store: check('a store', (value) => isFunction(Reflect.get(Object(value) as object, 'save'))),
    removeOld: aFunction,
  })
  const { path, store, removeOld = () => rm(path, { force: true }) } = options
  const old = await readOld(options)
  if (!old) return false

  const sessionId = await sessionIdOf(old)
  const session = newSession(old, sessionId)
  const isSaved = !(await store.load()) && (await store.save(session, { ifVersion: undefined }))
  const kept = await store.load()
  // Another process may have renewed it since.
  if (isSaved && kept?.sessionId !== sessionId) {
    throw new TokenStoreError(
      `The session of ${path} was saved but could not be read back, so the old file was kept`,
      { operation: 'load', reason: 'failed' },
    )
  }
  // Also where an earlier run was killed before it got here.
  if (kept?.sessionId === sessionId) await removeOld()
  return isSaved
}

/** @returns `undefined` if there is no file, or no session in it */
async function readOld({ path, read }: MigrateSessionOptions): Promise<TokenSet | undefined> {
  const file = await readOwn(path).catch((error: unknown) => {
    if (isTokenError(error)) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw damaged(path, `cannot be read (${code})`, error)
  })
  if (!file) return undefined
  const { text } = file
  try {
    const input = read(text)
    return input && toTokenSet(input)
  } catch (error) {
    const why = isTokenError(error) ? error.message : 'it is not valid JSON'
    throw damaged(path, `is not a session that can be migrated: ${why}`, error)
  }
}

/** As root, one would go on with the session that another user has put there. */
async function readOwn(path: string) {
  return readPrivate(await followLinks(path))
}

/** By which a later run knows that the session in the store came from this very file. */
async function sessionIdOf({ refreshToken, accessToken }: TokenSet): Promise<string> {
  const { createHash } = await import('node:crypto') // most runs find no old file
  const hash = createHash('sha256').update(`tokenward migration\0${refreshToken ?? accessToken}`)
  return `migrated-${hash.digest('base64url').slice(0, 22)}`
}

function damaged(path: string, what: string, cause: unknown): TokenStoreError {
  return new TokenStoreError(`${path} ${what}. Repair or remove it`, {
    operation: 'load',
    reason: 'damaged',
    cause,
  })
}
