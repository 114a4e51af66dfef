import type { HerdAnswer, HerdQuestion } from '../children/herd.child.ts'
import type { Ledger } from '../children/server.child.ts'
import { type Child, startChild } from '../measure/child.ts'
import { type Server, startServer } from '../measure/server.ts'
import { ratiosOf, spreadOf, type Spread } from '../measure/spread.ts'
import { ALL } from '../peers/all.ts'
import { ONE_PROMISE } from '../peers/peer.ts'
import { type Figure, OURS, type Row, round, show } from '../row.ts'

const CALLERS = 10_000
const ENDPOINT_MS = 100
const HOUR_MS = 3_600_000
type Wants = HerdQuestion['wants']

interface Herd {
  name: string
  ratio: Spread
  milliseconds: Spread
  bytes: number
  failures: number
  ledger: Ledger
}

async function herdsOf(
  server: Server,
  names: string[],
  wants: Wants,
  rounds: number,
  warmUps: number,
): Promise<Herd[]> {
  const children = names.map((name) => ({
    name,
    child: startChild<HerdQuestion, HerdAnswer>('children/herd.child.ts', ['--expose-gc']),
    times: [] as number[],
    failures: 0,
  }))
  const ask = async (name: string, child: Child<HerdQuestion, HerdAnswer>, weigh: boolean) => {
    const isJwt = name === 'axios-jwt'
    const options = {
      client: name,
      lifetimeMs: HOUR_MS,
      delayMs: ENDPOINT_MS,
      isJwt,
      firstLifetimeMs: 5,
    }
    return child.ask({
      peer: name,
      setup: await server.open(options),
      callers: CALLERS,
      wants,
      weigh,
    })
  }
  for (let count = -warmUps; count < rounds; count += 1) {
    for (const one of count % 2 === 0 ? children : children.toReversed()) {
      const { value, failures } = await ask(one.name, one.child, false)
      if (count < 0) continue
      one.times.push(value)
      one.failures = Math.max(one.failures, failures)
    }
  }
  const herds: Herd[] = []
  for (const { name, child, times, failures } of children) {
    const ledger = await server.ledger(name)
    const bytes = wants === 'token' ? (await ask(name, child, true)).value : 0
    await child.stop()
    const ratio = spreadOf(ratiosOf(times, children[0]!.times))
    herds.push({ name, ratio, milliseconds: spreadOf(times), bytes, failures, ledger })
  }
  return herds
}

/** Everybody at once, and the token has just expired. */
export async function herd(): Promise<Row> {
  const server = await startServer()
  const gettersAndUs = ALL.flatMap(({ name, tokenGetter }) =>
    tokenGetter && canRefresh(name) ? name : [],
  )
  const others = ALL.flatMap(({ name, isOnAxios }) =>
    isOnAxios && name !== OURS && name !== 'bare axios' ? name : [],
  )
  const tokens = await herdsOf(server, [ONE_PROMISE, ...gettersAndUs], 'token', 10, 1)
  const requests = await herdsOf(server, [ONE_PROMISE, OURS], 'request', 3, 0)
  const requestsOfOthers = await herdsOf(server, [ONE_PROMISE, ...others], 'request', 1, 0)
  await server.stop()

  const [floor, ours] = tokens as [Herd, Herd]
  const oursRequests = requests[1]!
  const tell = (
    of: string,
    { name, ratio, milliseconds, bytes, failures, ledger }: Herd,
  ): Figure => ({
    of,
    contender: name,
    shown: [
      `${show(ratio, '×')}, ${round(milliseconds.median)} ms`,
      ...(bytes > 0 ? [`heap ${round(bytes / floor.bytes)} ×`] : []),
      `${ledger.tokenRequests} token requests`,
      ...(ledger.apiCalls > 0 ? [`${ledger.apiCalls.toLocaleString('en')} API calls`] : []),
      ...(failures > 0 ? [`${failures.toLocaleString('en')} failed`] : []),
    ].join(', '),
  })
  return {
    name: 'thundering herd',
    how: `${CALLERS.toLocaleString('en')} callers on an expired token, a token endpoint of ${ENDPOINT_MS} ms; the heap is what lives while all wait`,
    goals: [
      { of: 'getAccessToken', ours: ours.ratio.median, atMost: 1.1, unit: '×' },
      { of: 'heap', ours: ours.bytes / floor.bytes, atMost: 1.3, unit: '×' },
      { of: 'requests', ours: oursRequests.ratio.median, atMost: 1.1, unit: '×' },
      {
        of: 'token requests',
        ours: Math.max(ours.ledger.tokenRequests, oursRequests.ledger.tokenRequests),
        atMost: 1,
        unit: '',
      },
      { of: 'API calls', ours: oursRequests.ledger.apiCalls, atMost: CALLERS, unit: '' },
    ],
    figures: [
      ...tokens.map((herd) => tell('getAccessToken', herd)),
      ...[...requests, ...requestsOfOthers.slice(1)].map((herd) => tell('requests', herd)),
    ],
  }
}

/**
 * axios-jwt shares a refresh in its interceptor only; the Azure ones refresh by https, from an
 * authority that is none here.
 */
function canRefresh(name: string): boolean {
  return !['axios-jwt', '@azure/msal-node', '@azure/core-rest-pipeline'].includes(name)
}
