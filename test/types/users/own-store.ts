// Two methods make a store.
import { memoryStore, TokenManager, type StoredSession, type TokenStore } from 'tokenward'

class OneRecord implements TokenStore {
  readonly singleProcess = true
  #record: StoredSession | undefined

  async load(): Promise<StoredSession | undefined> {
    return this.#record
  }

  async save(
    session: StoredSession,
    { ifVersion }: { ifVersion: number | undefined },
  ): Promise<boolean> {
    if (this.#record?.version !== ifVersion) return false
    this.#record = session
    return true
  }
}

const acquire = async () => ({ access_token: 'a-token', expires_in: '3600' })

export const managers = [
  new TokenManager({ acquire, store: new OneRecord() }),
  new TokenManager({ acquire, store: memoryStore(), keepFresh: true, retry: { attempts: 1 } }),
]
