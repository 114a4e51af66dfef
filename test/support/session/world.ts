import fc from 'fast-check'
import { TokenManager, type LoginRequiredError, type StoredSession } from 'tokenward'
import { vi } from 'vitest'
import { type Watched, watch } from './promises.js'
import { recordOf } from './records.js'
import { type Behaviour, ScriptedStore, fails } from './scripted-store.js'
import { type IssuedTokens, SessionServer, userOf } from './server.js'
import { jump } from './time.js'

/** What somebody does, in an order that the scheduler chooses. */
export type Act =
  | { kind: 'get'; manager: number }
  | { kind: 'reject'; manager: number }
  | { kind: 'login'; manager: number }
  | { kind: 'logout'; manager: number }
  | { kind: 'expire' }
  | { kind: 'tick' }

export interface World {
  acts: Act[]
  /** Which saves, counted from the first, fail. */
  failingSaves: number[]
  start: 'fresh' | 'due' | 'expired'
  keepFresh: boolean
  managers: 1 | 2
}

/** A random world; without `failingSaves` its store never fails. */
export function worlds(
  options: { isStoreFailing?: boolean; kinds?: Act['kind'][]; managers?: 1 | 2 } = {},
) {
  const { isStoreFailing = false, kinds, managers = 2 } = options
  const manager = fc.nat(managers - 1)
  const arbitraries = {
    get: fc.record({ kind: fc.constant('get' as const), manager }),
    reject: fc.record({ kind: fc.constant('reject' as const), manager }),
    login: fc.record({ kind: fc.constant('login' as const), manager }),
    logout: fc.record({ kind: fc.constant('logout' as const), manager }),
    expire: fc.record({ kind: fc.constant('expire' as const) }),
    tick: fc.record({ kind: fc.constant('tick' as const) }),
  }
  const chosen = kinds ?? (Object.keys(arbitraries) as Act['kind'][])
  const acts: fc.Arbitrary<Act> = fc.oneof(
    ...chosen.map((kind) => ({
      arbitrary: arbitraries[kind] as fc.Arbitrary<Act>,
      weight: kind === 'get' ? 3 : 1,
    })),
  )
  return fc.record<World>({
    acts: fc.array(acts, { minLength: 2, maxLength: 10 }),
    failingSaves: isStoreFailing ? fc.uniqueArray(fc.nat(6), { maxLength: 3 }) : fc.constant([]),
    start: fc.constantFrom('fresh', 'due', 'expired'),
    keepFresh: fc.boolean(),
    managers: fc.constant(managers),
  })
}

/** One call for a token: what session it began under, and what became of it. */
export interface Asked {
  sessionId: string | undefined
  outcome: Watched<string>
  /** Whether its token was in the store when the caller got it. */
  wasSaved: boolean | undefined
}

export interface Played {
  server: SessionServer
  store: ScriptedStore
  asked: Asked[]
  acts: Watched<unknown>[]
  /** After everything has settled and every manager has looked again. */
  endedWith: (string | undefined)[]
  saveFailures: number
  /** Who logged in last, by the order of the calls; `signed-out` after a logout. */
  lastAct: string
}

const LIFETIME_SECONDS = 300

/**
 * Plays a world to its end: its managers on one asynchronous store; each step to and from the store
 * and the server, and each act, happens when the scheduler says so.
 */
export async function play(s: fc.Scheduler, world: World): Promise<Played> {
  vi.useFakeTimers()
  const step = (label: string) => s.schedule(Promise.resolve(), label)
  const server = new SessionServer(LIFETIME_SECONDS)
  const store = scheduledStore(step, server.login('user-0'), world)
  if (world.start !== 'fresh') jump((world.start === 'due' ? 0.9 : 1.1) * LIFETIME_SECONDS * 1000)

  const played: Played = {
    server,
    store,
    asked: [],
    acts: [],
    endedWith: [],
    saveFailures: 0,
    lastAct: 'user-0',
  }
  const managers = Array.from({ length: world.managers }, () => {
    const manager = new TokenManager({
      refresh: server.refreshBy(step),
      store,
      keepFresh: world.keepFresh,
      recheckMs: 1_000,
    })
    manager.on('saveFailed', () => (played.saveFailures += 1))
    return manager
  })

  const perform = actor(managers, played)
  for (const act of world.acts) {
    void s.schedule(Promise.resolve(), `act: ${act.kind}`).then(() => perform(act))
  }
  await drain(s, played)
  await lookAgain(s, managers, played)
  vi.useRealTimers()
  return played
}

function scheduledStore(
  step: (label: string) => Promise<unknown>,
  tokens: IssuedTokens,
  world: World,
): ScriptedStore {
  const store = new ScriptedStore(recordOf(tokens))
  let saves = 0
  const inSteps =
    (operation: string): Behaviour =>
    async (performIt) => {
      await step(`${operation} begins`)
      const isFailing = operation === 'save' && world.failingSaves.includes(saves++)
      const result = await (isFailing ? fails(performIt) : performIt())
      await step(`${operation} ends`)
      return result
    }
  store.always('load', inSteps('load'))
  store.always('save', inSteps('save'))
  store.always('note', inSteps('note'))
  return store
}

function actor(managers: TokenManager[], played: Played): (act: Act) => void {
  const { server, store } = played
  const lastSeen: { token: string; sessionId: string | undefined }[] = []
  let logins = 0
  const ask = (manager: TokenManager, number: number, call: () => Promise<string>) => {
    const asked: Asked = {
      sessionId: manager.sessionId,
      outcome: { status: 'pending' },
      wasSaved: undefined,
    }
    const seen = call().then((token) => {
      asked.wasSaved = store.everHeld(token)
      lastSeen[number] = { token, sessionId: manager.sessionId }
      return token
    })
    asked.outcome = watch(seen)
    played.asked.push(asked)
  }
  return (act) => {
    if (act.kind === 'expire') return jump(LIFETIME_SECONDS * 1000)
    if (act.kind === 'tick') return void vi.advanceTimersByTime(500)
    const manager = managers[act.manager]!
    if (act.kind === 'get') return ask(manager, act.manager, () => manager.getAccessToken())
    if (act.kind === 'reject') {
      const seen = lastSeen[act.manager]
      if (!seen?.sessionId || seen.sessionId !== manager.sessionId) return
      const report = { rejected: seen.token, sessionId: seen.sessionId }
      return ask(manager, act.manager, () => manager.refresh(report))
    }
    if (act.kind === 'logout') {
      played.lastAct = 'signed-out'
      return void played.acts.push(watch(manager.signOut()))
    }
    played.lastAct = `user-${++logins}`
    played.acts.push(watch(manager.setTokens(server.login(played.lastAct))))
  }
}

/** Runs until nothing is under way any more. */
async function drain(s: fc.Scheduler, { asked, acts }: Played): Promise<void> {
  const isOver = () =>
    asked.every(({ outcome }) => outcome.status !== 'pending') &&
    acts.every((outcome) => outcome.status !== 'pending')
  for (let round = 0; round < 60; round++) {
    await s.waitIdle()
    await vi.advanceTimersByTimeAsync(0)
    if (s.count() > 0) continue
    if (isOver()) return
    await vi.advanceTimersByTimeAsync(1_000)
  }
}

/** Every manager is used until it has looked at the store again and saved what it had not. */
async function lookAgain(s: fc.Scheduler, managers: TokenManager[], played: Played): Promise<void> {
  for (let round = 0; round < 6; round++) {
    played.endedWith = []
    for (const manager of managers) {
      await vi.advanceTimersByTimeAsync(6_000)
      await drain(s, played)
      const outcome = watch(manager.getAccessToken())
      await drain(s, { ...played, acts: [...played.acts, outcome] })
      const reason = (outcome.error as LoginRequiredError | undefined)?.reason
      played.endedWith.push(outcome.value ?? reason)
    }
  }
}

/** The sessions that came back after another login or a logout had taken their place. */
export function resurrected(history: readonly StoredSession[]): string[] {
  const over = new Set<string>()
  const cameBack: string[] = []
  let previous: StoredSession | undefined
  for (const record of history) {
    // What the server said of one refresh token is outranked by a response that came from it (law 4).
    const isLogout = !record.tokens && record.ended?.reason !== 'invalid-grant'
    if (previous && (record.sessionId !== previous.sessionId || isLogout)) {
      over.add(previous.sessionId)
    }
    if (record.tokens && over.has(record.sessionId)) cameBack.push(record.sessionId)
    previous = record
  }
  return cameBack
}

/** The callers who began under one session and got another's token. */
export function misserved({ asked, store }: Played): string[] {
  const sessionOf = new Map<string, string>()
  for (const { sessionId, tokens } of store.history) {
    if (tokens) sessionOf.set(userOf(tokens.accessToken), sessionId)
  }
  return asked.flatMap(({ sessionId, outcome }) => {
    const served = outcome.value && sessionOf.get(userOf(outcome.value))
    return served && sessionId && served !== sessionId ? [outcome.value!] : []
  })
}
