import { isCoolDown, type Client } from './client.js'
import type { Machines } from './machines.js'
import type { World } from './world.js'

/** When all trouble is over, everybody is asked for a token. */
export function askAll(world: World, machines: Machines): void {
  const { laws, server, options } = world
  for (const client of machines.all) {
    if (client.isClosed) continue
    const isFresh = !options.keepFresh || client.wasRejected || client.hasUsableToken
    const { served } = client
    client.getAtLast((result) => {
      if (typeof result !== 'string') return assertNoneAlive(world, client, result)
      if (server.hasEndlessRequest) return // whoever ignores its signal is never run twice at once
      if (!isFresh && served && served === server.familyOf(result)) laws.notFresh(client.process)
    })
  }
}

/** Once more, after `recheckMs`: by now everybody knows of the last login or logout. */
export function askAgain(world: World, machines: Machines): void {
  const { laws, server, options } = world
  if (options.recheckMs === undefined) return
  for (const client of machines.all) {
    if (client.isClosed) continue
    client.getAtLast((result) => {
      if (typeof result !== 'string') return
      const [act, ...others] = laws.history.actsInForce()
      const token = server.accessTokens.get(result)!
      const isKnown = act === token.family.act || !act?.counts || others.length > 0
      if (!isKnown && laws.history.isStored(act)) laws.notRechecked(client.process, token, act)
    })
  }
}

/** It gets no token: then there is no living session that it could have known. */
function assertNoneAlive(world: World, client: Client, error: Error): void {
  const { laws, server, store, hasClockTrouble } = world
  const [act, ...others] = laws.history.actsInForce()
  if (!act || others.length > 0 || act.what === 'logout') return
  const family = server.families.find((each) => each.act === act)
  if (!family || !laws.history.isReachable(family)) return
  if (store.setBackAt > -Infinity || laws.history.isEndOfOldRelease()) return
  if (server.hasEndlessRequest) return
  if (hasClockTrouble && isCoolDown(error)) return // another's, counted by a clock that is off
  const isStored = store.record?.tokens?.refreshToken === family.current.value
  const known = laws.history.knows(client.process).generations.get(family)
  if (!isStored && known !== family.current.generation) return
  laws.notAlive(client.process, `${family.name} is alive, and it gets ${error.message}`)
}
