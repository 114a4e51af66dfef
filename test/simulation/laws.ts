import type { StoredSession } from '../../src/index.js'
import { History } from './laws/history.js'
import { LAWS_OF_CALLERS, refreshesFewTimes, refusesForAReason } from './laws/of-callers.js'
import {
  adoptsNothingOlder,
  endsForAReason,
  overwritesNothingNewer,
  revokesNothingInForce,
} from './laws/of-records.js'
import { excuseOf, LAWS_OF_REQUESTS } from './laws/of-requests.js'
import type { Broken, LawName } from './laws/statements.js'
import type { SimulatedProcess } from './world/process.js'
import {
  nameOf,
  type AccessToken,
  type Act,
  type Family,
  type TokenRequest,
} from './world/server.js'
import type { World } from './world/world.js'

/**
 * What happens in a world is told here: it becomes history, and is judged by the laws. The laws
 * are stated in laws/statements.ts.
 */
export class Laws {
  broken: Broken | undefined
  readonly history: History
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.history = new History(world)
  }

  actBegins(act: Act): void {
    const { history } = this
    history.acts.push(act)
    if (act.what === 'logout') history.knowsOf(act.by, act) // in force from the call on
    const knows = history.knows(act.by)
    if (knows.hasSeenStore) knows.sawStoreBefore.add(act)
  }

  /** @param isStored - whether the call succeeded */
  actEnds(act: Act, isStored: boolean): void {
    const { history } = this
    const knows = history.knows(act.by)
    act.settledAt = this.#world.step
    for (const seen of knows.seen) act.replaced.add(seen)
    history.beginsAgain(act.by, act)
    if (act.isNoNews) return history.knowsOf(act.by, act)
    const hasReplaced = act.sawStore || !knows.sawStoreBefore.has(act)
    act.counts ||= isStored ? act.what === 'login' : hasReplaced
    history.knowsOf(act.by, act)
  }

  requestStarts(request: TokenRequest): void {
    for (const law of LAWS_OF_REQUESTS) this.#judge(request.by, law(this.history, request))
  }

  /** The tokens of a request reached the process. */
  received(request: TokenRequest, accessToken: string): void {
    const token = this.#world.server.accessTokens.get(accessToken)!
    this.history.learn(request.by, token.family, token.generation)
    const knows = this.history.knows(request.by)
    knows.ended.delete(token.family) // what the server gives out, if late, is in force
    knows.failedSaves = 0
    knows.toldSaveFailed = false
    if (request.resource === undefined) knows.tokenExpiresAt = token.expiresAt
  }

  /** The process reads what the store held. */
  shown(process: SimulatedProcess, record: StoredSession | undefined): void {
    const { history } = this
    for (const act of history.underWayIn(process)) act.wasShownStore = true
    const knows = history.knows(process)
    knows.hasSeenStore = true
    const act = record && history.actOf(record)
    const { shown: before } = knows
    if (record) knows.gone = undefined
    else if (before) knows.gone = { act: before, since: this.#world.step }
    knows.shown = act
    knows.shownSessionId = record?.tokens ? record.sessionId : undefined
    if (act) knows.seen.add(act)
    if (!record) return
    const token = history.refreshTokenOf(record)
    if (token) history.learn(process, token.family, token.generation)
  }

  isAskedToRefresh(process: SimulatedProcess): void {
    this.history.knows(process).askedAt = this.#world.scheduler.now
  }

  saving(process: SimulatedProcess): void {
    for (const act of this.history.underWayIn(process)) act.sawStore ||= act.wasShownStore
  }

  saved(process: SimulatedProcess, before: StoredSession | undefined, now: StoredSession): void {
    const { history } = this
    const knows = history.knows(process)
    knows.gone = undefined
    knows.failedSaves = 0
    history.nameEnd(process, before, now)
    const act = history.actOf(now)
    if (act) act.savedAt = Math.min(act.savedAt, this.#world.step)
    const isMadeHere = act?.by === process && !act.isNoNews
    if (isMadeHere && (act.what === 'login' || before?.tokens)) act.counts = true
    const isMadeAgain = act && (!act.sawStore || knows.isHandingIn)
    if (isMadeAgain && before && history.actOf(before) !== act) {
      act.settledAt = Math.max(act.settledAt, this.#world.step) // it replaces whatever is there
    }
    this.#judge(process, overwritesNothingNewer(history, process, before, now))
    const { tokens } = now
    for (const value of [tokens?.refreshToken, tokens?.accessToken]) {
      if (value && !history.savedAt.has(value)) {
        history.savedAt.set(value, this.#world.scheduler.now)
      }
    }
  }

  saveFailed(process: SimulatedProcess): void {
    this.history.knows(process).failedSaves += 1
  }

  storeFault(process: SimulatedProcess): void {
    this.history.knows(process).storeFaultAt = this.#world.scheduler.now
  }

  toldSaveFailed(process: SimulatedProcess): void {
    this.history.knows(process).toldSaveFailed = true
  }

  toldAdopted(process: SimulatedProcess): void {
    const { history } = this
    const { shown } = history.knows(process)
    if (!shown) return
    history.beginsAgain(process, shown)
    this.#judge(process, adoptsNothingOlder(history, process))
    if (!history.isBeyondTelling(this.#world.store.record)) history.knowsOf(process, shown)
  }

  /** Something older than a session whose record was gone came back: that session is in force. */
  toldReturn(process: SimulatedProcess, family: Family | undefined): void {
    if (family) this.history.knows(process).ended.delete(family)
  }

  toldEnd(process: SimulatedProcess, reason: string, family: Family | undefined): void {
    const { shown, ended } = this.history.knows(process)
    if (shown && reason === 'signed-out') this.history.knowsOf(process, shown)
    if (!family) return
    ended.set(family, family.act)
    this.#judge(process, endsForAReason(this.history, process, reason, family))
  }

  /** @param isResource - its token is in the memory of this process alone, as all are where the store keeps none */
  toldRefreshed(
    process: SimulatedProcess,
    reason: string,
    family: Family | undefined,
    isResource: boolean,
  ): void {
    if (family) this.history.knows(process).ended.delete(family)
    if (reason !== 'rejected' || !family) return
    const isHere = isResource || !this.#world.options.keepsAll
    this.#judge(undefined, refreshesFewTimes(this.history, family, isHere ? process : undefined))
  }

  /** A caller gets a token. */
  handedOut(process: SimulatedProcess, value: string, calledAtStep: number): void {
    const token = this.#world.server.accessTokens.get(value)
    if (!token) return this.#break(process, 16, `hands out ${value}: no token`)
    for (const law of LAWS_OF_CALLERS) {
      this.#judge(process, law(this.history, process, token, calledAtStep))
    }
    const { act } = token.family
    // One who hands in an old session again elsewhere makes another login of it.
    const isKnown = act.by === process || this.history.knows(process).seen.has(act)
    if (isKnown) this.history.knowsOf(process, act)
  }

  notServed(process: SimulatedProcess, what: string): void {
    this.#break(process, 7, `has a usable token, but ${what}`)
  }

  otherSession(process: SimulatedProcess, from: Family, to: Family): void {
    this.#break(process, 16, `repeats a request of ${from.name} with ${to.name}`)
  }

  waitsTooLong(process: SimulatedProcess, what: string, ms: number): void {
    this.#break(process, 6, `has let ${what} wait ${ms} ms`)
  }

  revoking(process: SimulatedProcess, family: Family): void {
    this.#judge(process, revokesNothingInForce(this.history, process, family))
  }

  reuseDetected(request: TokenRequest): void {
    const excuse = excuseOf(this.history, request)
    const { by, token } = request
    if (!excuse) {
      return this.#break(by, '2 reuse', `sent ${nameOf(token)} again, and its session is lost`)
    }
    token.family.isLossExcused = true
    this.#world.tell(`(that is excused: ${excuse})`)
  }

  crashed(what: string): void {
    this.#judge(undefined, { law: 14, what })
  }

  notAlive(process: SimulatedProcess, what: string): void {
    this.#break(process, '8 alive', `finds that ${what}`)
  }

  stillScheduled(process: SimulatedProcess, count: number): void {
    this.#break(process, 13, `has ${count} timers after close()`)
  }

  responseIgnored({ by, number }: TokenRequest): void {
    this.#break(by, '2 socket', `gives up request ${number}, whose response is in its socket`)
  }

  notRechecked(process: SimulatedProcess, token: AccessToken, act: Act): void {
    if (this.#world.store.setBackAt > -Infinity) return
    this.#break(process, '8 recheck', `still hands out ${token.family.name} after ${act.name}`)
  }

  notFresh(process: SimulatedProcess): void {
    this.#break(process, '15 keepFresh', 'has no usable token')
  }

  /** A caller is told to wait, nothing being asked of the server. */
  refusedToAsk(process: SimulatedProcess, family: Family | undefined): void {
    this.#judge(process, refusesForAReason(this.history, process, family))
  }

  #break(process: SimulatedProcess, law: LawName, what: string): void {
    this.#judge(process, { law, what: `process ${process.place} ${what}` })
  }

  /** @param by - who breaks it: from a release before this one not all can be expected */
  #judge(by: SimulatedProcess | undefined, broken: Broken | undefined): void {
    if (!broken || this.broken || by?.place === this.#world.options.oldPlace) return
    this.broken = broken
    this.#world.tell(`LAW ${broken.law} IS BROKEN: ${broken.what}`)
  }
}
