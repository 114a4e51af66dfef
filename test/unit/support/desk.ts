import { toTokenSet, type StoredSession } from 'tokenward'
import { Events, type TokenEvents } from '../../../src/events.js'
import { timingOf } from '../../../src/timing.js'
import { Acts } from '../../../src/refresh/acts.js'
import type { UsersAct } from '../../../src/refresh/claim.js'
import { HeldSession } from '../../../src/refresh/held-session.js'
import { SessionTarget } from '../../../src/refresh/target.js'
import type { Desk, Stock } from '../../../src/refresh/stock.js'
import { StoreAccess } from '../../../src/stores/store-access.js'
import { storedSession } from '../../../src/stores/stored-session.js'
import { ScriptedStore } from '../../behaviour/support/session-stores.js'

/** Ann's record, named by its version: `access-6` and `refresh-6` are version 6's tokens. */
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

/** An act that took the place of these sessions; `true`: they had ended before. */
export function actOver(replaced: Record<string, boolean>, isBlind = false): UsersAct {
  return { replaced: new Map(Object.entries(replaced)), isBlind }
}

/** A request made from what is saved. */
export const savedStock = (saved: StoredSession | undefined): Stock => ({
  record: saved,
  unsaved: undefined,
  stored: saved,
})

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
    track: (work) => work,
  }
  return { desk, target: new SessionTarget(held), held, store, told, revoked }
}
