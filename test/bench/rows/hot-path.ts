import { TokenManager } from '../../../dist/index.js'
import { allocatedBy } from '../measure/allocation.ts'
import { interleave } from '../measure/interleave.ts'
import { issue } from '../measure/tokens.ts'
import { ALL } from '../peers/all.ts'
import { type Figure, OURS, round, type Row, show } from '../row.ts'

const HOUR_MS = 3_600_000
const CALLS = 100_000
const ROUNDS = 40

type Loop = (calls: number) => Promise<unknown>

/** Source that differs by name, or V8 would share what it learned of one contender with the others. */
function loopOf(name: string, call: string, subject: unknown): Loop {
  const source = `return async (calls) => { let last; for (let i = 0; i < calls; i += 1) last = ${call}; return last } // ${name}`
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  return new Function('subject', source)(subject) as Loop
}

const AWAITED = 'await a resolved promise'
const CLOCK = 'Date.now()'
const PEEK = 'peek()'

async function nanosecondsOf(loop: Loop, calls: number): Promise<number> {
  const from = performance.now()
  await loop(calls)
  return ((performance.now() - from) * 1e6) / calls
}

/** A fresh token, asked for again and again. */
export async function hotPath(): Promise<Row> {
  const manager = new TokenManager({
    refresh: () => Promise.reject(new Error('not to be called')),
    initialTokens: { accessToken: 'token', refreshToken: 'refresh', expiresIn: 3600 },
  })
  const awaited: Record<string, Loop> = {
    [AWAITED]: loopOf('floor', 'await subject', Promise.resolve('token')),
    [OURS]: loopOf('ours', 'await subject.getAccessToken()', manager),
  }
  for (const { name, tokenGetter } of ALL) {
    if (!tokenGetter || name === OURS) continue
    const setup = {
      issued: issue(HOUR_MS, name === 'axios-jwt'),
      tokenEndpoint: 'https://auth.example/token',
      baseURL: '',
    }
    awaited[name] = loopOf(name, 'await subject()', await tokenGetter(setup))
  }
  const slow = new Set(['@azure/msal-node', 'axios-jwt'])
  const rounds = Object.entries(awaited).map(
    ([name, loop]) =>
      [name, () => nanosecondsOf(loop, slow.has(name) ? CALLS / 50 : CALLS)] as const,
  )
  const waits = await interleave(Object.fromEntries(rounds), ROUNDS)
  const clock = loopOf('clock', 'Date.now()', undefined)
  const peek = loopOf('peek', 'subject.peek()', manager)
  const peeks = await interleave(
    {
      [CLOCK]: () => nanosecondsOf(clock, CALLS * 5),
      [PEEK]: () => nanosecondsOf(peek, CALLS * 5),
    },
    ROUNDS,
  )
  const bytes = await allocatedBy({
    [AWAITED]: () => awaited[AWAITED]!(CALLS),
    [OURS]: () => awaited[OURS]!(CALLS),
  })
  await manager.close()

  const figures: Figure[] = Object.entries(waits).map(([contender, { ratio, value }]) => ({
    of: `awaiting the token / ${AWAITED}`,
    contender,
    shown: `${show(ratio, '×')}, ${round(value.median)} ns`,
  }))
  const perCall = (bytes[OURS] - bytes[AWAITED]) / CALLS
  figures.push({
    of: `\`peek()\` / ${CLOCK}`,
    contender: OURS,
    shown: show(peeks[PEEK].ratio, '×'),
  })
  figures.push({
    of: 'bytes a call beside those of the await',
    contender: OURS,
    shown: `${round(perCall)} B`,
  })
  return {
    name: 'hot path',
    how: `a fresh token, ${CALLS.toLocaleString('en')} calls a round, ${ROUNDS} rounds`,
    goals: [
      { of: 'awaiting the token', ours: waits[OURS]!.ratio.median, atMost: 1.9, unit: '×' },
      { of: '`peek()`', ours: peeks[PEEK].ratio.median, atMost: 1.1, unit: '×' },
      {
        of: 'bytes a call beside those of the await: 16 are the number of the clock',
        ours: perCall,
        atMost: 16,
        unit: 'B',
      },
    ],
    figures,
  }
}
