/** The part of Node's AsyncLocalStorage that is used; Bun, Deno and workers have it too. */
interface AsyncStorage {
  run<T>(store: true, task: () => T): T
  getStore(): true | undefined
  disable(): void
}

/** One run of the user's own `refresh` function. */
export interface ReentryScope {
  run<T>(task: () => Promise<T>): Promise<T>
  /** Whether the caller runs inside: to wait for the refresh there would be to wait for itself. */
  isInside(): boolean
}

/**
 * Tells whether a call comes from inside the user's own `refresh` function (axios/axios#3327).
 *
 * The runtime's asynchronous context is asked where it has one, and only while the function runs:
 * while it is on, every promise of the process costs more. Elsewhere only calls made before the
 * function's first await are recognised.
 *
 * @internal
 */
export function createReentryScope(): ReentryScope {
  let storage = createStorage()
  let isInSyncPart = false
  const start = <T>(task: () => Promise<T>): Promise<T> => {
    isInSyncPart = true
    try {
      return storage ? storage.run(true, task) : task()
    } finally {
      isInSyncPart = false
    }
  }
  return {
    async run(task) {
      try {
        return await start(task)
      } finally {
        storage?.disable()
        storage = undefined
      }
    },
    isInside: () => isInSyncPart || storage?.getStore() === true,
  }
}

/** No import: the core runs where there is no such module. */
function createStorage(): AsyncStorage | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown }
  }
  const hooks = process?.getBuiltinModule?.('async_hooks') as
    { AsyncLocalStorage: new () => AsyncStorage } | undefined
  return hooks && new hooks.AsyncLocalStorage()
}
