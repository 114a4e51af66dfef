/** The part of Node's AsyncLocalStorage that is used; Bun, Deno and workers have it too. */
interface AsyncStorage {
  run<T>(store: true, task: () => T): T
  getStore(): true | undefined
  disable(): void
}

/**
 * Tells whether a call comes from inside the user's own `refresh` function: waiting for the refresh
 * there would be waiting for itself (axios/axios#3327).
 *
 * The runtime's asynchronous context is asked where it has one, and only while the function runs:
 * while it is on, every promise of the process costs more. Elsewhere only calls made before the
 * function's first await are recognised.
 *
 * @internal
 */
export class ReentryScope {
  #storage: AsyncStorage | undefined = createStorage()
  #isInSyncPart = false

  async run<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await this.#start(task)
    } finally {
      this.#storage?.disable()
      this.#storage = undefined
    }
  }

  isInside(): boolean {
    return this.#isInSyncPart || this.#storage?.getStore() === true
  }

  #start<T>(task: () => Promise<T>): Promise<T> {
    this.#isInSyncPart = true
    try {
      return this.#storage ? this.#storage.run(true, task) : task()
    } finally {
      this.#isInSyncPart = false
    }
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
