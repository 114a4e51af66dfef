import { memoryStore, TokenManager, type StoredSession, type TokenStore } from 'tokenward'

/** What a store holds, told by a manager: also a record that no version of ours has written. */
export async function useStored(session: StoredSession | undefined): Promise<void> {
  const store: TokenStore = { ...memoryStore(), load: async () => session }
  const refresh = () => Promise.reject(new Error('not now'))
  const tokens = new TokenManager({ refresh, store, retry: { attempts: 1 } })
  try {
    await tokens.getTokens()
    await tokens.explain()
    await tokens.getAccessToken()
  } finally {
    await tokens.close()
  }
}
