import { setTimeout as delay } from 'node:timers/promises'
import { TokenManager } from 'tokenward'
import { redisStore } from 'tokenward/redis'
import { createAuthorizationServer, type AuthorizationServer } from 'tokenward/testing'
import { afterEach, expect, it } from 'vitest'
import { CLIENTS, type TestClient } from '../support/redis/clients.js'
import { startWorker, type Worker, type WorkerReport } from '../support/redis/fleet.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis } from '../support/redis/server.js'
import { startSlowProxy } from '../support/redis/slow-proxy.js'

const PROCESSES = 8
const SESSIONS = Array.from({ length: 50 }, (_, index) => `user-${index}`)
/** As the server tells it. Its API takes a token for longer: a slow machine makes no 401. */
const LIFETIME_MS = 1_500
const EVERY_MS = 1_000
/** How many tokens each session has in a run. */
const TOKENS = 20
/** Longer than any pause here. */
const GRACE_MS = 30_000
/** Longer than a lease. */
const PAUSE_MS = 6_000
/** `waitTimeoutMs` before a request, and after its 401; a sleeper sleeps as well. */
const LONGEST_CALL_MS = 50_000
const TEST_MS = 180_000

const SHORT_LIVED = { override: { expires_in: LIFETIME_MS / 1_000 } }

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

describeWithRedis('eight processes, fifty sessions in Redis, rotation and reuse detection', () => {
  // DuendeArchive/Support#1286, anomalyco/opencode#49439, workos/authkit-nextjs#28
  it(
    'make one token request for each token, and no call fails',
    async () => {
      const scene = await begin({ reuseGraceMs: 0 })
      const startedAt = performance.now()
      await issued(scene.server, TOKENS)
      const { failures, lost } = await scene.end()
      expect({ failures, lost }).toEqual({ failures: [], lost: [] })
      expectOneRequestForEach(scene.server)
      // None is renewed before its window: the last fifth, or up to 10 % of that earlier.
      const lastedMs = performance.now() - startedAt
      const most = SESSIONS.length * (lastedMs / (0.78 * LIFETIME_MS) + 1)
      expect(scene.server.stats.issued).toBeLessThan(most)
    },
    TEST_MS,
  )

  it(
    'do so too where Redis is 200 ms away',
    async () => {
      const scene = await begin({ reuseGraceMs: 0, latencyMs: 200 })
      await issued(scene.server, TOKENS)
      const { failures, lost } = await scene.end()
      expect({ failures, lost }).toEqual({ failures: [], lost: [] })
      expectOneRequestForEach(scene.server)
    },
    TEST_MS,
  )

  it(
    'lose no session when Redis is killed and comes back, and no call hangs',
    async () => {
      const scene = await begin({ reuseGraceMs: GRACE_MS })
      for (let kills = 1; kills <= 3; kills++) {
        await issued(scene.server, kills * 5)
        await scene.redis.kill()
        await delay(LIFETIME_MS)
        await scene.redis.restart()
      }
      await issued(scene.server, TOKENS)
      const recoveredAt = Date.now()
      await issued(scene.server, TOKENS + 2)
      const { failures, lost, slowestMs } = await scene.end()
      expect(lost).toEqual([])
      expect(failures.filter(isUntyped)).toEqual([])
      expect(failures.filter(({ at }) => at > recoveredAt)).toEqual([])
      expect(slowestMs).toBeLessThan(LONGEST_CALL_MS)
      expect(scene.server.stats.reuse).toBe(0)
    },
    TEST_MS,
  )

  it(
    'lose no session when a holder sleeps beyond its lease, where the server has a grace',
    async () => {
      const scene = await begin({ reuseGraceMs: GRACE_MS })
      await issued(scene.server, 3)
      await scene.pauseHolder()
      await issued(scene.server, TOKENS / 2)
      const { failures, lost, slowestMs } = await scene.end()
      expect(lost).toEqual([])
      expect(failures.filter(isUntyped)).toEqual([]) // the sleeper's own commands are overdue
      expect(slowestMs).toBeLessThan(LONGEST_CALL_MS)
      expect(scene.server.stats.reuse).toBe(0)
    },
    TEST_MS,
  )

  it(
    'lose no other session than those whose answer the sleeper had not saved, where it has none',
    async () => {
      const scene = await begin({ reuseGraceMs: 0 })
      await issued(scene.server, 3)
      const unsaved = await scene.pauseHolder()
      await issued(scene.server, TOKENS / 2)
      const { failures, lost, slowestMs } = await scene.end()
      expect(failures.filter(isUntyped)).toEqual([])
      expect(slowestMs).toBeLessThan(LONGEST_CALL_MS)
      expect(unsaved).toEqual(expect.arrayContaining(lost))
      expect(lost.length).toBeLessThan(SESSIONS.length / 2)
    },
    TEST_MS,
  )
})

async function begin({ reuseGraceMs, latencyMs }: { reuseGraceMs: number; latencyMs?: number }) {
  const redis = await startRedis()
  undo.push(() => redis.stop())
  const server = createAuthorizationServer({
    clientId: 'web',
    clientSecret: 'a-secret',
    accessTokenLifetimeMs: 10 * LIFETIME_MS,
    reuseGraceMs,
  })
  server.always(SHORT_LIVED)
  const loopback = await server.listen()
  undo.push(() => loopback.close())
  const admin = await CLIENTS['node-redis']!(redis.url)
  undo.push(() => admin.close())
  await logAllIn(server, admin)

  const proxy = latencyMs === undefined ? undefined : await startSlowProxy(redis.port, latencyMs)
  if (proxy) undo.push(() => proxy.close())
  const redisUrl = proxy ? `redis://127.0.0.1:${proxy.port}` : redis.url
  const names = Object.keys(CLIENTS)
  const workers = await Promise.all(
    Array.from({ length: PROCESSES }, (_, index) => {
      const client = names[index % names.length]!
      const { issuer } = loopback
      return startWorker({
        client,
        redisUrl,
        issuer,
        sessions: SESSIONS,
        everyMs: EVERY_MS,
      })
    }),
  )
  undo.push(() => workers.forEach((worker) => worker.signal('SIGKILL')))
  const watch = watchVersions(admin)

  return {
    redis,
    server,
    pauseHolder: () => pauseHolder(server, workers[0]!),
    /** Everything that must hold whatever happened is looked at here. */
    async end() {
      const reports = await Promise.all(workers.map((worker) => worker.stop()))
      expect(await watch.setBack()).toEqual([])
      const sum = summed(reports)
      expect(sum.mixed).toBe(0)
      return sum
    },
  }
}

async function logAllIn(server: AuthorizationServer, { client }: TestClient): Promise<void> {
  const refresh = () => Promise.reject(new Error('not here'))
  for (const sub of SESSIONS) {
    const store = redisStore({ client, key: `session:${sub}` })
    const manager = new TokenManager({ refresh, store })
    await manager.setTokens({ ...server.login({ sub }), ...SHORT_LIVED.override })
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
function watchVersions({ send }: TestClient) {
  const versions = new Map<string, number>()
  const setBack: string[] = []
  let isOver = false
  const look = async (id: string) => {
    const version = Number(await send('HGET', `{session:${id}}`, 'version').catch(() => NaN))
    if (version < (versions.get(id) ?? 0)) setBack.push(id)
    if (version) versions.set(id, version)
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
