import { statSync } from 'node:fs'
import { mkdir, open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { delay, monotonicNow } from '../../clock.js'
import { TokenStoreError } from '../../errors.js'
import { nativeTryLock, type TryLock } from './native-lock.js'

/** A lock that is held. */
export interface FileLock {
  /** Whether whoever comes next would still have to wait for us: the lock's file may be removed. */
  isHeld(): boolean
  release(): Promise<void>
}

/** How long a lock is waited for. */
export interface LockWait {
  readonly operation: TokenStoreError['operation']
  /** By the monotonic clock. */
  readonly until?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const LONGEST_PAUSE_MS = 50

/**
 * A lock of the operating system, on a file of its own that stays when it is freed. It belongs to
 * the open file, so that two stores of one process exclude each other too, and dies with its
 * process. Polled: waiting inside the system holds a thread for every waiter.
 *
 * @throws TokenStoreError `locked` if it was not to be had in time; what the file system throws
 * @internal
 */
export async function lockFile(path: string, wait: LockWait): Promise<FileLock> {
  const tryLock = await nativeTryLock(wait.operation)
  for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    if (wait.signal?.aborted) throw locked(path, wait)
    const lock = await tryFile(path, tryLock)
    if (lock) return lock
    if (monotonicNow() >= (wait.until ?? Infinity)) throw locked(path, wait)
    await delay(pauseMs * (0.5 + Math.random()))
  }
}

async function tryFile(path: string, tryLock: TryLock): Promise<FileLock | undefined> {
  const file = await openLockFile(path)
  try {
    const identity = identityOf(await file.stat({ bigint: true }))
    const isThere = () => identityOf(statSync(path, NO_THROW)) === identity
    if (tryLock(file.fd) && isThere()) return heldLock(file, isThere)
  } catch (error) {
    await file.close()
    throw error
  }
  await file.close()
  return undefined
}

function heldLock(file: FileHandle, isThere: () => boolean): FileLock {
  let isReleased = false
  return {
    isHeld: () => !isReleased && isThere(),
    release: () => {
      isReleased = true
      return file.close()
    },
  }
}

async function openLockFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'a', 0o600)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return open(path, 'a', 0o600)
  }
}

const NO_THROW = { bigint: true, throwIfNoEntry: false } as const

/** While a file is open, no other gets its number. */
function identityOf(stats: { dev: bigint; ino: bigint } | undefined): string | undefined {
  return stats && `${stats.dev}:${stats.ino}`
}

function locked(path: string, { operation }: LockWait): TokenStoreError {
  return new TokenStoreError(`Another process holds ${path}, and did not let go of it in time`, {
    operation,
    reason: 'locked',
  })
}
