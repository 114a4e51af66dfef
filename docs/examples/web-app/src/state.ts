import { memoryStore, type TokenStore } from 'tokenward'

/** What the app keeps for its users between requests, wherever that is. */
export interface State {
  put(key: string, value: object, ttlMs: number): Promise<void>
  get<T>(key: string): Promise<T | undefined>
  /** Reads and removes in one step: of two who ask at once, one gets it. */
  take<T>(key: string): Promise<T | undefined>
  remove(key: string): Promise<void>
  /** Where one session's tokens are. */
  tokenStore(sessionId: string): TokenStore
  close(): Promise<void>
}

/** The state is out of reach. */
export class StateError extends Error {}

/** One process's own: for trying things out. */
export function memoryState(): State {
  const values = new Map<string, { value: object; expiresAt: number }>()
  const stores = new Map<string, TokenStore>()

  function find(key: string): unknown {
    const found = values.get(key)
    return found && found.expiresAt > Date.now() ? found.value : undefined
  }

  return {
    async put(key, value, ttlMs) {
      values.set(key, { value, expiresAt: Date.now() + ttlMs })
    },
    async get<T>(key: string) {
      return find(key) as T | undefined
    },
    async take<T>(key: string) {
      const value = find(key)
      values.delete(key)
      return value as T | undefined
    },
    async remove(key) {
      values.delete(key)
    },
    tokenStore(sessionId) {
      const store = stores.get(sessionId) ?? memoryStore()
      stores.set(sessionId, store)
      return store
    },
    close: async () => undefined,
  }
}
