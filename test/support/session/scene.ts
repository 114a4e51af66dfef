import { TokenManager, type TokenManagerOptions } from 'tokenward'
import { recordOf } from './records.js'
import { ScriptedStore } from './scripted-store.js'
import { SessionServer } from './server.js'
import { jump } from './time.js'

type Options = Omit<TokenManagerOptions, 'acquire' | 'refresh'>

/**
 * Ann is logged in: her record is in a scripted store, at version 5, and the test answers the
 * token requests of all managers on it.
 */
export function scene() {
  const server = new SessionServer()
  const requests = server.hold()
  const store = new ScriptedStore(recordOf(server.login('ann')))
  const manager = (options: Options = {}) =>
    new TokenManager({ refresh: requests.refresh, store, ...options })
  return { server, requests, store, manager }
}

/** Like `scene`, but Ann's access token has expired. */
export function expiredScene() {
  const made = scene()
  expire()
  return made
}

/** Every access token issued so far has expired. */
export function expire(): void {
  jump(300_000)
}
