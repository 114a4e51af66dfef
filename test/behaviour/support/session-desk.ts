import { Events, type TokenEvents } from '../../../src/events.js'
import { timingOf } from '../../../src/options.js'
import { Acts } from '../../../src/refresh/acts.js'
import { HeldSession } from '../../../src/refresh/held-session.js'
import type { Desk } from '../../../src/refresh/stock.js'
import { StoreAccess } from '../../../src/stores/store-access.js'
import { storedSession } from '../../../src/stores/stored-session.js'
import { toTokenSet, type StoredSession } from 'tokenward'
import { ScriptedStore } from './session-stores.js'

/** A record named by its version: `access-6` and `refresh-6` are version 6's tokens. */
export function record(version: number, fields: Partial<StoredSession> = {}): StoredSession {
  const tokens = toTokenSet({
    accessToken: `access-${version}`,
    refreshToken: `refresh-${version}`,
    issuedAt: 1_000,
    expiresAt: 2_000,
  })
  return storedSession({ sessionId: 'ann', version, tokens, ...fields })
}

export const signOut = (version: number, sessionId = 'ann') =>
  record(version, { sessionId, tokens: null })

/** What the steps of a refresh work on, over a store that holds this record. */
export function deskOver(stored: StoredSession | undefined, options: { acquires?: boolean } = {}) {
  const store = new ScriptedStore(stored)
  const events = new Events()
  const told: (keyof TokenEvents)[] = []
  const names = ['adopted', 'sessionEnded', 'saveFailed'] as const
  names.forEach((name) => events.on(name, () => told.push(name)))
  const revoked: string[] = []
  const held = new HeldSession(timingOf({ refresh: () => Promise.reject(new Error()) }))
  const desk: Desk = {
    held,
    store: new StoreAccess(store),
    acts: new Acts(),
    events,
    needsRefreshToken: !options.acquires,
    revokeLater: (tokens) => void revoked.push(tokens.accessToken),
  }
  return { desk, held, store, told, revoked }
}
