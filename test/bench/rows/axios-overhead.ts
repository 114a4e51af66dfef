import type { AxiosAdapter } from 'axios'
import { allocatedBy } from '../measure/allocation.ts'
import { interleave } from '../measure/interleave.ts'
import { issue } from '../measure/tokens.ts'
import { peerNamed, WITH_BOUND } from '../peers/all.ts'
import type { Get } from '../peers/peer.ts'
import { type Figure, OURS, type Row, round, show } from '../row.ts'

const HOUR_MS = 3_600_000
const REQUESTS = 500
const ROUNDS = 80
const ITSELF = 'bare axios again'

/** Answers at once, with what a server's answer looks like. */
const inMemory: AxiosAdapter = (config) =>
  Promise.resolve({
    data: '{"ok":true}',
    status: 200,
    statusText: 'OK',
    headers: {},
    config,
    request: null,
  })

function clientOf(name: string): Get {
  const { client } = peerNamed(name)
  const issued = issue(HOUR_MS, name === 'axios-jwt')
  return client!({ issued, tokenEndpoint: '', baseURL: 'https://api.example', adapter: inMemory })
}

/** One request after the other, as an adapter in memory allows no more at once. */
async function send(get: Get): Promise<void> {
  for (let sent = 0; sent < REQUESTS; sent += 1) await get('/me')
}

async function microsecondsOf(get: Get): Promise<number> {
  const from = performance.now()
  await send(get)
  return ((performance.now() - from) * 1000) / REQUESTS
}

/** What we add to a request that needs nothing of us. */
export async function axiosOverhead(): Promise<Row> {
  const names = WITH_BOUND.filter(({ isOnAxios }) => isOnAxios).map(({ name }) => name)
  const clients: Record<string, Get> = Object.fromEntries(
    names.map((name) => [name, clientOf(name)]),
  )
  clients[ITSELF] = clientOf('bare axios')

  const rounds = Object.entries(clients).map(
    ([name, get]) => [name, () => microsecondsOf(get)] as const,
  )
  const times = await interleave(Object.fromEntries(rounds), ROUNDS)
  const tasks = Object.entries(clients).map(([name, get]) => [name, () => send(get)] as const)
  const bytes = await allocatedBy(Object.fromEntries(tasks))
  const floor = bytes['bare axios']!

  const figures = Object.entries(times).flatMap(([contender, { ratio, value }]): Figure[] => [
    { of: 'time of a request', contender, shown: `${show(ratio, '×')}, ${round(value.median)} µs` },
    {
      of: 'bytes allocated for a request',
      contender,
      shown: `${round(bytes[contender]! / floor)} ×, ${round(bytes[contender]! / REQUESTS)} B`,
    },
  ])
  return {
    name: 'axios overhead',
    how: `an adapter in memory, a fresh token, ${REQUESTS} requests a round, ${ROUNDS} rounds`,
    goals: [
      { of: 'time of a request', ours: times[OURS]!.ratio.median, atMost: 1.05, unit: '×' },
      { of: 'bytes of a request', ours: bytes[OURS]! / floor, atMost: 1.04, unit: '×' },
    ],
    figures,
  }
}
