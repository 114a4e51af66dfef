import { realpath } from 'node:fs/promises'
import { monotonicNow } from '../../clock.js'
import { isTokenError, TokenOptionsError, TokenStoreError } from '../../errors.js'
import { veil } from '../../inspect.js'
import { createMutex } from '../mutex.js'
import type { TokenStore } from '../token-store.js'
import { lockFile, type LockWait } from './file-lock.js'
import { keepInMemory, type Keep } from './keep.js'
import { keepAside, PLAIN, readSessionFile, writeSessionFile } from './session-file.js'
import type { SessionFile, SessionFormat } from './session-file.js'
import { sessionPath, type SessionPlace } from './session-place.js'

/** @public */
export type FileStoreOptions = SessionPlace & {
  /**
   * - `all`: every token
   * - `refresh-token`: the access token and the ID token stay in this process's memory, so that
   *   each process begins with a refresh
   *
   * @default 'all'
   */
  keep?: Keep
  /**
   * Take a file that others than its owner have access to. What is written anew is its owner's
   * alone all the same.
   *
   * @default false: such a file is an error. Not looked at on Windows.
   */
  allowInsecurePermissions?: boolean
}

/**
 * The session of one user in a file, for programs that run for a moment, and often at once: one
 * process at a time renews, logins and logouts wait for nobody, and a killed process leaves neither
 * half a file nor a lock. The tokens are in clear, in a file of mode 0600 and a folder of 0700.
 *
 * A symbolic link is followed. Beside the file lie `.lock` and `.save.lock`, which stay. On network
 * file systems it is as safe as their locks are.
 *
 * @example
 * const tokens = new TokenManager({ refresh, store: fileStore({ app: 'my-cli', profile }) })
 *
 * @throws TokenOptionsError if the place is none, or an option is unknown
 * @public
 */
export function fileStore(options: FileStoreOptions): TokenStore {
  const { path, app, profile, keep = 'all', allowInsecurePermissions = false, ...rest } = options
  const [unknown] = Object.keys(rest)
  if (unknown) throw new TokenOptionsError(`fileStore: unknown option \`${unknown}\``)
  if (typeof allowInsecurePermissions !== 'boolean') {
    const given = typeof allowInsecurePermissions
    throw new TokenOptionsError(
      `fileStore: \`allowInsecurePermissions\`: a boolean wanted, got ${given}`,
    )
  }
  const file = sessionPath('fileStore', { path, app, profile } as SessionPlace)
  const store = sessionStore(file, PLAIN, allowInsecurePermissions)
  return veil(keepInMemory('fileStore', store, keep), () => `TokenStore { file ${file} }`)
}

/** Shorter than what a manager gives a save, so that it hears what was in the way. */
const LONGEST_SAVE_WAIT_MS = 4_000

/**
 * A store on one file, whatever the format.
 *
 * @internal
 */
export function sessionStore(
  path: string,
  format: SessionFormat,
  allowOthers = false,
): Required<Pick<TokenStore, 'load' | 'save' | 'exclusive'>> {
  const oneLease = createMutex()
  const oneSave = createMutex()
  const fileNow = async (): Promise<SessionFile> => {
    return { path: await followed(path), format, allowOthers }
  }

  return {
    load: () =>
      telling('load', path, async () => {
        const { session, damage } = await readSessionFile(await fileNow())
        if (damage) throw damage
        return session
      }),

    save: (session, { ifVersion }) =>
      telling('save', path, async () => {
        const wait: LockWait = { operation: 'save', until: monotonicNow() + LONGEST_SAVE_WAIT_MS }
        const file = await fileNow()
        return oneSave(() =>
          underLock(`${file.path}.save.lock`, wait, async () => {
            const found = await readForSave(file)
            if (found.version !== ifVersion) return false
            if (found.damage) await keepAside(file)
            await writeSessionFile(file, session)
            return true
          }),
        )
      }),

    exclusive: (task, { signal } = {}) =>
      oneLease(async () => {
        const wait: LockWait = { operation: 'exclusive', signal }
        const lock = await telling('exclusive', path, async () => {
          return lockFile(`${await followed(path)}.lock`, wait)
        })
        try {
          return await task({ isHeld: () => lock.isHeld() })
        } finally {
          await lock.release()
        }
      }),
  }
}

/** What no key opens counts as damaged for who replaces it: it is kept, and a login must be possible. */
async function readForSave(file: SessionFile): ReturnType<typeof readSessionFile> {
  try {
    return await readSessionFile(file)
  } catch (error) {
    const isSealed = isTokenError(error, 'ERR_TOKEN_STORE') && error.reason === 'undecryptable'
    if (isSealed) return { version: undefined, damage: error }
    throw error
  }
}

async function underLock<T>(path: string, wait: LockWait, task: () => Promise<T>): Promise<T> {
  const lock = await lockFile(path, wait)
  try {
    return await task()
  } finally {
    await lock.release()
  }
}

/** Two names of one file share its locks. */
async function followed(path: string): Promise<string> {
  return realpath(path).catch(() => path)
}

const UNWRITABLE = new Set(
  ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG', 'EISDIR', 'ENOTDIR'], // prettier-ignore
)

async function telling<T>(
  operation: TokenStoreError['operation'],
  path: string,
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task()
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    const code = String((cause as { code?: unknown }).code)
    const isUnwritable = operation !== 'load' && UNWRITABLE.has(code)
    throw new TokenStoreError(`${path} cannot be ${DEED[operation]} (${code})`, {
      operation,
      reason: isUnwritable ? 'unwritable' : 'failed',
      cause,
    })
  }
}

const DEED = { load: 'read', save: 'written', exclusive: 'locked' }
