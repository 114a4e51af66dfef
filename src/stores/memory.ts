import { TokenOptionsError } from '../errors.js'
import { hideFromInspect } from '../inspect.js'
import { processLease } from './process-lease.js'
import { readSession } from './stored-session.js'
import type { StoredSession, TokenStore } from './token-store.js'

/**
 * A store in this process's memory: the default, gone with the process. Managers that are given
 * the same one share its session.
 *
 * @throws TokenOptionsError if `initial` is no session
 * @public
 */
export function memoryStore(initial?: StoredSession): TokenStore {
  const { session, damage } = readSession(initial)
  if (damage) throw new TokenOptionsError(`memoryStore(initial): ${damage.message}`)
  let stored = session
  const store: TokenStore = {
    inMemory: true,
    load: () => Promise.resolve(stored),
    save: (session, { ifVersion }) => {
      if (stored?.version !== ifVersion) return Promise.resolve(false)
      stored = session
      return Promise.resolve(true)
    },
    exclusive: processLease(),
  }
  return hideFromInspect(store, () => 'TokenStore { memory }')
}
