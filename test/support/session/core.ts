import type { TokenManagerOptions } from 'tokenward'
import { createRenewal } from '../../../src/renewal.js'
import { SessionCore } from '../../../src/session/core.js'
import { StoreAccess } from '../../../src/stores/store-access.js'
import { timingOf } from '../../../src/timing.js'
import type { ScriptedStore } from './scripted-store.js'

/** The core of a session on a scripted store, with the events that it told and what it revoked. */
export function coreOn(store: ScriptedStore, options: Partial<TokenManagerOptions> = {}) {
  const revoked: string[] = []
  const told: string[] = []
  const whole = {
    refresh: () => Promise.reject(new Error('not called')),
    ...options,
  } as TokenManagerOptions
  const revoke: TokenManagerOptions['revoke'] = ({ tokens }) => {
    revoked.push(tokens.accessToken)
    return Promise.resolve()
  }
  const renewal = createRenewal(whole)
  const access = new StoreAccess(store)
  const core = new SessionCore(access, timingOf(whole), renewal, revoke, () => undefined)
  for (const name of ['refreshed', 'saveFailed', 'sessionEnded', 'adopted', 'tokensSet'] as const) {
    core.events.on(name, () => void told.push(name))
  }
  return { core, revoked, told }
}
