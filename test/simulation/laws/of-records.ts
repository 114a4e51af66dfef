import type { StoredSession } from '../../../src/index.js'
import type { SimulatedProcess } from '../world/process.js'
import { nameOf, type Family } from '../world/server.js'
import { isLater, type History } from './history.js'
import type { Broken } from './statements.js'

/** Law 4: what is saved takes the place of nothing newer. */
export function overwritesNothingNewer(
  history: History,
  process: SimulatedProcess,
  before: StoredSession | undefined,
  now: StoredSession,
): Broken | undefined {
  if (!before || history.isBeyondTelling(before, now)) return undefined
  if (!before.tokens && !now.tokens) return undefined // an end is an end, whoever says it
  const [actBefore, actNow] = [history.actOf(before), history.actOf(now)]
  const saves = `process ${process.place} saves`
  if (actBefore && actNow && actBefore !== actNow) {
    if (!isLater(actBefore, actNow) || !actNow.sawStore) return undefined
    if (history.knows(process).isHandingIn) return undefined // begun before or after: nobody can tell
    const { world } = history
    const what = `${saves} ${world.nameOfRecord(now)} over ${world.nameOfRecord(before)}, which came later`
    return { law: 4, what }
  }
  const [tokenBefore, tokenNow] = [history.refreshTokenOf(before), history.refreshTokenOf(now)]
  if (!tokenBefore || tokenBefore.family !== tokenNow?.family) return undefined
  if (tokenBefore.generation <= tokenNow.generation) return undefined
  return { law: 4, what: `${saves} ${nameOf(tokenNow)} over ${nameOf(tokenBefore)}` }
}

/** Law 4: what a process adopts came after what it knows. */
export function adoptsNothingOlder(
  history: History,
  process: SimulatedProcess,
): Broken | undefined {
  const { shown, acts } = history.knows(process)
  if (!shown || history.isBeyondTelling(history.world.store.record)) return undefined
  const later = [...acts.keys()].find((act) => isLater(act, shown) && history.isNews(act, shown))
  if (!later) return undefined
  return {
    law: 4,
    what: `process ${process.place} goes back to ${shown.name}, after ${later.name}`,
  }
}

/** Law 8: a session that is alive ends for one of three reasons. */
export function endsForAReason(
  history: History,
  process: SimulatedProcess,
  reason: string,
  family: Family,
): Broken | undefined {
  const { store, options } = history.world
  if (history.isSuperseded(family) || !history.isReachable(family)) return undefined
  if (reason === 'gone' && store.emptiedAt > -Infinity) return undefined
  const isEnd = reason === 'invalid-grant' || options.oldPlace > 0 // an end of theirs says no reason
  if (isEnd && (family.isLossExcused || store.setBackAt > -Infinity)) return undefined
  const hasLogout = history.acts.some(({ what }) => what === 'logout')
  if (reason === 'signed-out' && hasLogout) return undefined
  return {
    law: 8,
    what: `process ${process.place} ends ${family.name} (${reason}), which is alive`,
  }
}

/** Law 4: tokens of the session in force are not revoked. */
export function revokesNothingInForce(
  history: History,
  process: SimulatedProcess,
  family: Family,
): Broken | undefined {
  if (history.isEndOfOldRelease()) return undefined
  const inForce = history.actsInForce()
  if (inForce.length !== 1 || inForce[0] !== family.act || family.act.what === 'logout') {
    return undefined
  }
  if (family.revokedBy) return undefined
  if (history.knows(process).gone?.act === family.act) return undefined // its record was taken away
  const { record } = history.world.store
  const stored = record && history.actOf(record)
  if (family.act.savedAt === Infinity && stored && stored !== family.act) return undefined // what is found there wins
  return {
    law: '4 revoke',
    what: `process ${process.place} revokes ${family.name}, which is in force`,
  }
}
