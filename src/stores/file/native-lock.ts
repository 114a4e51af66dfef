import { TokenStoreError } from '../../errors.js'

/** `false`: another has it. Held until the descriptor is closed, or its process has ended. */
export type TryLock = (fd: number) => boolean

/**
 * The operating system's advisory locks, loaded at the first use: there are runtimes without them,
 * and whoever only logs in by `tokenward/cli` needs none.
 *
 * @throws TokenStoreError saying what is missing
 * @internal
 */
export async function nativeTryLock(operation: TokenStoreError['operation']): Promise<TryLock> {
  try {
    // @ts-expect-error the package brings no types
    const { tryLock } = (await import('fs-native-extensions')) as { tryLock: TryLock }
    return tryLock
  } catch (cause) {
    throw new TokenStoreError(
      'No file locks are to be had: fs-native-extensions, which brings them for Node.js and Bun, cannot be loaded here (see the cause). Without locks two processes would spend one refresh token, so nothing was done: run where it loads, or keep the session in another store',
      { operation, cause },
    )
  }
}
