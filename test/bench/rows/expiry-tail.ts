import type { ClientQuestion, Stream } from '../children/client.child.ts'
import type { Ledger } from '../children/server.child.ts'
import { startChild } from '../measure/child.ts'
import { startServer, type Server } from '../measure/server.ts'
import { quantile } from '../measure/spread.ts'
import { ALL } from '../peers/all.ts'
import { type Figure, OURS, type Row, round } from '../row.ts'

const LIFETIME_MS = 2_000
const ENDPOINT_MS = 250
const PER_SECOND = 200
const DURATION_MS = 20_000
const PEERS_DURATION_MS = 10_000
const STALLED_MS = 50
const HOUR_MS = 3_600_000
const ETERNAL = 'bare axios, an eternal token'

interface Tail extends Ledger {
  name: string
  p99: number
  slowest: number
  stalled: number
  failures: number
  requestsALifetime: number
}

async function tailOf(server: Server, name: string, durationMs: number): Promise<Tail> {
  const peer = name === ETERNAL ? 'bare axios' : name
  const lifetimeMs = name === ETERNAL ? HOUR_MS : LIFETIME_MS
  const child = startChild<ClientQuestion, Stream>('children/client.child.ts')
  const connect = async (client: string, lifetime: number) => {
    const isJwt = peer === 'axios-jwt'
    const setup = await server.open({ client, lifetimeMs: lifetime, delayMs: ENDPOINT_MS, isJwt })
    await child.ask({ kind: 'connect', peer, setup })
  }
  // Sockets are opened and code is compiled before it counts.
  await connect(`${name}, warming up`, HOUR_MS)
  await child.ask({ kind: 'stream', perSecond: PER_SECOND, durationMs: 1_500 })
  await connect(name, lifetimeMs)
  const question = { kind: 'stream', perSecond: PER_SECOND, durationMs } as const
  const { latenciesMs, failures } = await child.ask(question)
  await child.stop()
  const ledger = await server.ledger(name)
  return {
    ...ledger,
    name,
    p99: quantile(latenciesMs, 0.99),
    slowest: quantile(latenciesMs, 1),
    stalled: latenciesMs.filter((latency) => latency > STALLED_MS).length / latenciesMs.length,
    failures,
    requestsALifetime: ledger.tokenRequests / (durationMs / LIFETIME_MS),
  }
}

/** What callers feel of tokens that expire all the time. */
export async function expiryTail(): Promise<Row> {
  const server = await startServer()
  const peers = ALL.flatMap(({ name, client }) => (client ? name : []))
  const others = peers.filter((name) => name !== 'bare axios' && name !== OURS)
  // At the same time, so that a slow moment of the machine is in all of them.
  const run = (names: string[], durationMs: number) =>
    Promise.all(names.map((name) => tailOf(server, name, durationMs)))
  const [eternal, ours] = (await run([ETERNAL, OURS], DURATION_MS)) as [Tail, Tail]
  // Two at once, or they would wait for each other more than for tokens.
  const rest: [Tail, Tail][] = []
  for (let index = 0; index < others.length; index += 2) {
    const pair = [ETERNAL, ...others.slice(index, index + 2)]
    const [floor, ...tails] = (await run(pair, PEERS_DURATION_MS)) as [Tail, ...Tail[]]
    for (const tail of tails) rest.push([tail, floor])
  }
  await server.stop()

  const tell = (tail: Tail, floor: Tail): Figure[] => [
    {
      of: 'latency',
      contender: tail.name,
      shown: `p99 ${round(tail.p99)} ms (${round(tail.p99 / floor.p99)} ×), slowest ${round(tail.slowest)} ms, ${round(tail.stalled * 100)} % over ${STALLED_MS} ms`,
    },
    {
      of: 'token requests a lifetime, failures, 401s',
      contender: tail.name,
      shown: `${round(tail.requestsALifetime)}, ${tail.failures}, ${tail.unauthorized}`,
    },
  ]
  return {
    name: 'expiry tail',
    how: `tokens of ${LIFETIME_MS / 1000} s, checked to the millisecond; a token endpoint of ${ENDPOINT_MS} ms; ${PER_SECOND} requests a second, open loop, ${DURATION_MS / 1000} s (the others ${PEERS_DURATION_MS / 1000} s), beside an eternal token at the same time`,
    goals: [
      { of: 'p99', ours: ours.p99 / eternal.p99, atMost: 1.3, unit: '×' },
      { of: 'slowest', ours: ours.slowest, atMost: STALLED_MS, unit: 'ms' },
      { of: 'token requests a lifetime', ours: ours.requestsALifetime, atMost: 1.35, unit: '' },
      { of: 'failures', ours: ours.failures, atMost: 0, unit: '' },
      { of: '401s on the wire', ours: ours.unauthorized, atMost: 0, unit: '' },
    ],
    figures: [
      ...tell(eternal, eternal),
      ...tell(ours, eternal),
      ...rest.flatMap(([tail, floor]) => tell(tail, floor)),
    ],
  }
}
