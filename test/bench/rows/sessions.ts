import { askOnce } from '../measure/child.ts'
import { spreadOf, type Spread } from '../measure/spread.ts'
import { ALL } from '../peers/all.ts'
import { smallestSession } from '../peers/smallest-session.ts'
import type { Census, SessionsQuestion } from '../children/sessions.child.ts'
import { type Figure, OURS, round, type Row } from '../row.ts'

const SIZES = [1_000, 10_000, 100_000]
const PEER_SIZE = 10_000
const ROUNDS = 3
const FLAGS = ['--expose-gc', '--max-old-space-size=3000']

interface Cost {
  bytes: Spread
  microseconds: Spread
  timers: number
}

/** Each time a fresh process: a heap has a past. */
async function costOf(peer: string, sessions: number, rounds = ROUNDS): Promise<Cost> {
  const counts: Census[] = []
  for (let count = 0; count < rounds; count += 1) {
    const question: SessionsQuestion = { peer, sessions }
    counts.push(await askOnce<Census>('children/sessions.child.ts', question, FLAGS))
  }
  return {
    bytes: spreadOf(counts.map(({ bytes }) => bytes / sessions)),
    microseconds: spreadOf(counts.map(({ milliseconds }) => (milliseconds * 1000) / sessions)),
    timers: Math.max(...counts.map(({ timers }) => timers)),
  }
}

/** Many users in one process, none of them doing anything. */
export async function sessions(): Promise<Row> {
  const figures: Figure[] = []
  const tell = (contender: string, size: number, { bytes, microseconds, timers }: Cost) =>
    figures.push({
      of: `each of ${size.toLocaleString('en')}`,
      contender,
      shown: `${round(bytes.median)} B, ${round(microseconds.median)} µs (${round(microseconds.min)} to ${round(microseconds.max)})${timers > 0 ? `, ${timers} timers` : ''}`,
    })
  const ours: Cost[] = []
  for (const size of SIZES) {
    const cost = await costOf(OURS, size)
    ours.push(cost)
    tell(OURS, size, cost)
  }
  for (const { name, session } of ALL) {
    if (session && name !== OURS) tell(name, PEER_SIZE, await costOf(name, PEER_SIZE, 1))
  }
  const bound = smallestSession.name
  for (const size of SIZES.slice(1)) tell(bound, size, await costOf(bound, size))
  const most = ours.at(-1)!
  const growth = most.bytes.median / ours[1]!.bytes.median
  return {
    name: 'sessions',
    how: 'managers with their token strings and one axios instance for all, in a fresh process; what the strings take is not counted; collected before it is weighed',
    goals: [
      { of: 'bytes each, of 100,000', ours: most.bytes.median, atMost: 300, unit: 'B' },
      {
        of: 'microseconds each, of 100,000',
        ours: most.microseconds.median,
        atMost: 1,
        unit: 'µs',
      },
      { of: 'timers', ours: Math.max(...ours.map(({ timers }) => timers)), atMost: 0, unit: '' },
      { of: 'bytes each of 100,000 / of 10,000 (linear)', ours: growth, atMost: 1.1, unit: '×' },
    ],
    figures,
  }
}
