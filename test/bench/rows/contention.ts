import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Place, ProcessQuestion } from '../children/process.child.ts'
import { type Child, startChild } from '../measure/child.ts'
import { startRedis } from '../measure/redis.ts'
import { startServer, type Server } from '../measure/server.ts'
import { spreadOf, type Spread } from '../measure/spread.ts'
import { type Figure, type Goal, OURS, type Row, round, show } from '../row.ts'

const ENDPOINT_MS = 300
const EXPIRED_AFTER_MS = 20
const LIFETIME_MS = 3_600_000
const COUNTS = [1, 4, 8, 16]
const JUDGED = 8
const ROUNDS = 3
const MSAL = '@azure/msal-node with its file plugin'

type Process = Child<ProcessQuestion, number>

interface Contest {
  milliseconds: Spread
  /** The most of any round. */
  tokenRequests: number
}

/** @returns from the moment when all are told to go until the last has its token */
async function contest(
  server: Server,
  processes: Process[],
  placeOf: (round: number) => Place,
): Promise<Contest> {
  const times: number[] = []
  let tokenRequests = 0
  for (let count = 0; count < ROUNDS; count += 1) {
    const client = `round ${count}`
    const options = { client, lifetimeMs: LIFETIME_MS, delayMs: ENDPOINT_MS, firstLifetimeMs: 5 }
    const setup = await server.open(options)
    const place = placeOf(count)
    await Promise.all(processes.map((child) => child.ask({ kind: 'prepare', place, ...setup })))
    if (place.kind !== 'nowhere') await processes[0]!.ask({ kind: 'log in' })
    await delay(EXPIRED_AFTER_MS)
    const from = Date.now()
    const ends = await Promise.all(processes.map((child) => child.ask({ kind: 'get the token' })))
    times.push(Math.max(...ends) - from)
    tokenRequests = Math.max(tokenRequests, (await server.ledger(client)).tokenRequests)
  }
  return { milliseconds: spreadOf(times), tokenRequests }
}

/** Many processes, one session, and its token has expired. */
export async function contention(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-contention-'))
  const [server, redis] = await Promise.all([startServer(), startRedis()])
  const processes = Array.from({ length: Math.max(...COUNTS) }, () =>
    startChild<ProcessQuestion, number>('children/process.child.ts'),
  )
  const places: Record<string, (name: string) => Place> = {
    'a file': (name) => ({ kind: 'file', path: join(folder, `${name}.json`) }),
    ...(redis && {
      Redis: (name: string): Place => ({ kind: 'redis', url: redis.url, key: name }),
    }),
    [MSAL]: (name) => ({ kind: 'msal', path: join(folder, `${name}.msal`) }),
  }
  const floor = await contest(server, processes.slice(0, 1), () => ({ kind: 'nowhere' }))
  const bare = floor.milliseconds.median
  const figures: Figure[] = [
    { of: 'one bare refresh', contender: 'bare axios', shown: show(floor.milliseconds, 'ms') },
  ]
  const goals: Goal[] = []
  let mostRequests = 0
  for (const count of COUNTS) {
    for (const [where, placeOf] of Object.entries(places)) {
      const contestants = processes.slice(0, count)
      const found = await contest(server, contestants, (at) => placeOf(`${count}-${at}`))
      const { milliseconds, tokenRequests } = found
      const ratio = milliseconds.median / bare
      figures.push({
        of: `${count} processes`,
        contender: where === MSAL ? MSAL : `${OURS} on ${where}`,
        shown: `${round(ratio)} ×, ${show(milliseconds, 'ms')}, ${tokenRequests} token requests`,
      })
      if (where === MSAL) continue
      if (count === JUDGED) {
        goals.push({
          of: `all have it, ${JUDGED} on ${where}`,
          ours: ratio,
          atMost: 1.35,
          unit: '×',
        })
      }
      mostRequests = Math.max(mostRequests, tokenRequests)
    }
  }
  await Promise.all([server.stop(), redis?.stop(), ...processes.map((child) => child.stop())])
  rmSync(folder, { recursive: true })
  return {
    name: 'contention',
    how: `processes that share one session, a token endpoint of ${ENDPOINT_MS} ms, ${ROUNDS} rounds; from the go to the last that has the token${redis ? '' : '. redis-server is not installed, so Redis was left out'}`,
    goals: [
      ...goals,
      { of: 'token requests, however many processes', ours: mostRequests, atMost: 1, unit: '' },
    ],
    figures,
  }
}
