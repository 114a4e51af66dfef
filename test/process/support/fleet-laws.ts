import { setTimeout as delay } from 'node:timers/promises'
import { TokenManager } from 'tokenward'
import { createAuthorizationServer, type AuthorizationServer } from 'tokenward/testing'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  BACKENDS,
  connect,
  type BackendName,
  type Connection,
} from '../../support/fleet/backends.js'
import { startSlowProxy } from '../../support/fleet/slow-proxy.js'
import { startWorker, type Worker, type WorkerReport } from '../../support/fleet/worker.js'
import { bundle, type Bundle } from './bundle.js'

const PROCESSES = 6
const SESSIONS = Array.from({ length: 20 }, (_, index) => `user-${index}`)
/**
 * As the server tells it. Its API takes a token for longer: a slow machine makes no 401. Many times
 * what a refresh takes and a waiter sleeps, or a slow machine's tokens would be over when they come.
 */
const LIFETIME_MS = 2_500
const EVERY_MS = 1_000
/** How many tokens each session has in a run: 80 times the processes compete for a lease. */
const TOKENS = 4
/** Where no call may fail: on a busy machine too, and where a refresh takes 1.2 s by itself. */
const LONG_LIFETIME_MS = 6_000
/** Longer than any pause here. */
const GRACE_MS = 30_000
/** Longer than a lease. */
const PAUSE_MS = 5_500
/** `waitTimeoutMs` before a request, and after its 401; a sleeper sleeps as well. */
const LONGEST_CALL_MS = 50_000
const TEST_MS = 120_000

const livingFor = (lifetimeMs: number) => ({ override: { expires_in: lifetimeMs / 1_000 } })
const SHORT_LIVED = livingFor(LIFETIME_MS)

let worker: Bundle
const undo: (() => unknown)[] = []

/** Six processes with twenty sessions on one server: what each test begins with. */
export function useFleet(): void {
  beforeAll(async () => void (worker = await bundle('fleet-worker')))
  afterAll(() => worker.remove())
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step()
  })
}

// DuendeArchive/Support#1286, anomalyco/opencode#49439, workos/authkit-nextjs#28
export function makeOneRequestForEachToken(backend: BackendName, latencyMs?: number): void {
  it(
    `make one token request for each token, and no call fails${latencyMs ? `, where it is ${latencyMs} ms away` : ''}`,
    async () => {
      const lifetimeMs = LONG_LIFETIME_MS
      const scene = await begin(backend, { reuseGraceMs: 0, latencyMs, lifetimeMs })
      const startedAt = performance.now()
      await issued(scene.server, 2)
      const { failures, lost } = await scene.end()
      expect({ failures, lost }).toEqual({ failures: [], lost: [] })
      expectOneRequestForEach(scene.server)
      // None is renewed before its window: the last fifth, or up to 10 % of that earlier.
      const lastedMs = performance.now() - startedAt
      const most = SESSIONS.length * (lastedMs / (0.78 * lifetimeMs) + 1)
      expect(scene.server.stats.issued).toBeLessThan(most)
    },
    TEST_MS,
  )
}

export function loseNothingWhenTheServerIsKilled(backend: BackendName): void {
  it(
    'lose no session when the server is killed and comes back, and no call hangs',
    async () => {
      const scene = await begin(backend, { reuseGraceMs: GRACE_MS })
      for (let kills = 1; kills <= 2; kills++) {
        await issued(scene.server, 2 * kills - 1)
        await scene.backend.kill()
        await delay(LIFETIME_MS)
        await scene.backend.restart()
      }
      await issued(scene.server, 5)
      const recoveredAt = Date.now()
      await issued(scene.server, 6)
      const { failures, lost, slowestMs } = await scene.end()
      expect(lost).toEqual([])
      expect(failures.filter(isUntyped)).toEqual([])
      expect(failures.filter(({ at }) => at > recoveredAt)).toEqual([])
      expect(slowestMs).toBeLessThan(LONGEST_CALL_MS)
      expect(scene.server.stats.reuse).toBe(0)
    },
    TEST_MS,
  )
}

export function loseNothingWhenAHolderSleeps(backend: BackendName): void {
  it(
    'lose no session when a holder sleeps beyond its lease, where the authorization server has a grace',
    async () => {
      const scene = await begin(backend, { reuseGraceMs: GRACE_MS })
      await issued(scene.server, 2)
      await scene.pauseHolder()
      await issued(scene.server, TOKENS)
      const { failures, lost, slowestMs } = await scene.end()
      expect(lost).toEqual([])
      expect(failures.filter(isUntyped)).toEqual([]) // the sleeper's own commands are overdue
      expect(slowestMs).toBeLessThan(LONGEST_CALL_MS)
      expect(scene.server.stats.reuse).toBe(0)
    },
    TEST_MS,
  )
}

export function loseOnlyWhatTheSleeperHadNotSaved(backend: BackendName): void {
  it(
    'lose no other session than those whose answer the sleeper had not saved, where the authorization server has none',
    async () => {
      const scene = await begin(backend, { reuseGraceMs: 0 })
      await issued(scene.server, 2)
      const unsaved = await scene.pauseHolder()
      await issued(scene.server, TOKENS)
      const { failures, lost, slowestMs } = await scene.end()
      expect(failures.filter(isUntyped)).toEqual([])
      expect(slowestMs).toBeLessThan(LONGEST_CALL_MS)
      expect(unsaved).toEqual(expect.arrayContaining(lost))
      expect(lost.length).toBeLessThan(SESSIONS.length / 2)
    },
    TEST_MS,
  )
}

async function begin(
  name: BackendName,
  {
    reuseGraceMs,
    latencyMs,
    lifetimeMs = LIFETIME_MS,
  }: { reuseGraceMs: number; latencyMs?: number; lifetimeMs?: number },
) {
  const { start, clients } = BACKENDS[name]
  const backend = await start()
  undo.push(() => backend.stop())
  const server = createAuthorizationServer({
    clientId: 'web',
    clientSecret: 'a-secret',
    accessTokenLifetimeMs: 10 * LIFETIME_MS,
    reuseGraceMs,
  })
  server.always(livingFor(lifetimeMs))
  const loopback = await server.listen()
  undo.push(() => loopback.close())
  const admin = await connect(clients[0]!, backend.port)
  undo.push(() => admin.close())
  await logAllIn(server, admin, livingFor(lifetimeMs))

  const proxy = latencyMs === undefined ? undefined : await startSlowProxy(backend.port, latencyMs)
  if (proxy) undo.push(() => proxy.close())
  const { port } = proxy ?? backend
  const { issuer } = loopback
  const workers = await Promise.all(
    Array.from({ length: PROCESSES }, (_, index) => {
      const client = clients[index % clients.length]!
      return startWorker(worker.path, { client, port, issuer, sessions: SESSIONS, everyMs: EVERY_MS }) // prettier-ignore
    }),
  )
  undo.push(() => workers.forEach((child) => child.signal('SIGKILL')))
  const watch = watchVersions(admin)

  return {
    backend,
    server,
    pauseHolder: () => pauseHolder(server, workers[0]!),
    /** Everything that must hold whatever happened is looked at here. */
    async end() {
      const reports = await Promise.all(workers.map((child) => child.stop()))
      expect(await watch.setBack()).toEqual([])
      const sum = summed(reports)
      expect(sum.mixed).toBe(0)
      return sum
    },
  }
}

async function logAllIn(
  server: AuthorizationServer,
  { storeOf }: Connection,
  { override }: typeof SHORT_LIVED,
): Promise<void> {
  const refresh = () => Promise.reject(new Error('not here'))
  for (const sub of SESSIONS) {
    const manager = new TokenManager({ refresh, store: storeOf(sub) })
    await manager.setTokens({ ...server.login({ sub }), ...override })
  }
}

/** When so many tokens have been issued to a session, on average. */
async function issued(server: AuthorizationServer, tokens: number): Promise<void> {
  while (server.stats.issued < tokens * SESSIONS.length) await delay(50)
}

/** @returns the sessions whose token request was under way then */
async function pauseHolder(server: AuthorizationServer, holder: Worker): Promise<string[]> {
  // Spent, and not yet answered.
  const quick = server.always({ ...SHORT_LIVED, delayMs: 300, when: 'after' })
  await holder.refreshing()
  holder.signal('SIGSTOP')
  quick()
  await delay(PAUSE_MS)
  const unsaved = [...holder.inFlight]
  holder.signal('SIGCONT')
  return unsaved
}

/** Whether any record was ever replaced by an older one. */
function watchVersions({ storeOf }: Connection) {
  const stores = new Map(SESSIONS.map((id) => [id, storeOf(id)]))
  const versions = new Map<string, number>()
  const setBack: string[] = []
  let isOver = false
  const look = async (id: string) => {
    const record = await stores
      .get(id)!
      .load()
      .catch(() => undefined)
    if (!record) return
    if (record.version < (versions.get(id) ?? 0)) setBack.push(id)
    versions.set(id, record.version)
  }
  const watching = (async () => {
    while (!isOver) {
      await Promise.all(SESSIONS.map(look))
      await delay(200)
    }
  })()
  return {
    async setBack() {
      isOver = true
      await watching
      return setBack
    },
  }
}

function isUntyped({ code }: WorkerReport['failures'][number]): boolean {
  return !code.startsWith('ERR_')
}

function summed(reports: WorkerReport[]): WorkerReport {
  return {
    calls: reports.reduce((sum, { calls }) => sum + calls, 0),
    mixed: reports.reduce((sum, { mixed }) => sum + mixed, 0),
    slowestMs: Math.max(...reports.map(({ slowestMs }) => slowestMs)),
    failures: reports.flatMap(({ failures }) => failures),
    lost: [...new Set(reports.flatMap(({ lost }) => lost))],
  }
}

function expectOneRequestForEach({ stats }: AuthorizationServer): void {
  expect(stats.tokenRequests).toBe(stats.issued)
  expect({ reuse: stats.reuse, inGrace: stats.reuseInGrace, rejected: stats.rejected }).toEqual({
    reuse: 0,
    inGrace: 0,
    rejected: 0,
  })
}
