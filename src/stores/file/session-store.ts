import { realpath } from 'node:fs/promises'
import { monotonicNow } from '../../clock.js'
import { isTokenError, TokenStoreError } from '../../errors.js'
import { createMutex } from '../mutex.js'
import type { TokenStore } from '../token-store.js'
import { lockFile, type LockWait } from './file-lock.js'
import { readSessionFile, writeSessionFile, type SessionFile } from './session-file.js'
import type { SessionFormat } from './session-format.js'

/** Shorter than what a manager gives a save, so that it hears what was in the way. */
const LONGEST_SAVE_WAIT_MS = 4_000

/**
 * A store on one file, whatever the format. Two locks: a long one while the refresh token is spent,
 * and a short one while the file is compared and replaced, for which no login waits long.
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
            const found = await readSessionFile(file)
            if (found.session?.version !== ifVersion) return false
            await writeSessionFile(file, session, found)
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

// prettier-ignore
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG', 'EISDIR', 'ENOTDIR'])
const DEED = { load: 'read', save: 'written', exclusive: 'locked' }

async function telling<T>(
  operation: TokenStoreError['operation'],
  path: string,
  task: () => Promise<T>,
): Promise<T> {
  try {
    return await task()
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    const { code = 'see the cause' } = cause as { code?: string }
    const isUnwritable = operation !== 'load' && UNWRITABLE.has(code)
    throw new TokenStoreError(`${path} cannot be ${DEED[operation]} (${code})`, {
      operation,
      reason: isUnwritable ? 'unwritable' : 'failed',
      cause,
    })
  }
}
