import { TokenStoreError } from '../../errors.js'

/** `false`: another has it. Held until the descriptor is closed, or its process has ended. */
export type TryLock = (fd: number) => boolean

/**
 * Runtimes that load the add-on, or seem to, and have no libuv for it. What it misses ends the
 * process, past any `catch`: Deno's when it is loaded, Bun's when another holds the lock.
 */
const WITHOUT_LIBUV = { bun: 'Bun', deno: 'Deno' }

/**
 * The operating system's advisory locks, loaded at the first use: there are runtimes without them,
 * and whoever only logs in by `tokenward/cli` needs none.
 *
 * @throws TokenStoreError saying what is missing
 * @internal
 */
export async function nativeTryLock(operation: TokenStoreError['operation']): Promise<TryLock> {
  for (const [name, runtime] of Object.entries(WITHOUT_LIBUV)) {
    if (name in process.versions) throw noLocks(`which work in Node.js and not in ${runtime}`)
  }
  try {
    // @ts-expect-error the package brings no types
    const { tryLock } = (await import('fs-native-extensions')) as { tryLock: TryLock }
    return tryLock
  } catch (cause) {
    throw noLocks('which cannot be loaded here (see the cause)', cause)
  }

  function noLocks(why: string, cause?: unknown): TokenStoreError {
    return new TokenStoreError(
      `No file locks are to be had: they are those of fs-native-extensions, ${why}. Without locks two processes would spend one refresh token, so nothing was done: run in Node.js where they load, or keep the session in another store`,
      { operation, cause },
    )
  }
}
