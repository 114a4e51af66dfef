import { runOutage, type Outage, type OutageResult } from './outage.ts'
import { seededRandom } from './seeded-random.ts'
import { virtualTime } from './virtual-time.ts'

/** The measurement of docs/guide/web-apps.md. */
export const OUTAGE: Omit<Outage, 'maxTokenRequests'> = {
  sessions: 10_000,
  dueWithinMs: 60_000,
  perSecond: 50,
  responseMs: 100,
  downFromMs: 30_000,
  downUntilMs: 150_000,
  lifetimeMs: 600_000,
  useEveryMs: 40_000,
  untilMs: 390_000,
}

/** Math.random too: what is jittered is the same in every run. */
export async function measured(outage: Outage, seed = 1): Promise<OutageResult> {
  const random = seededRandom(seed)
  const realRandom = Math.random
  const time = virtualTime(Date.parse('2026-03-01T12:00:00Z'))
  Math.random = random
  try {
    return await runOutage(outage, time, random)
  } finally {
    Math.random = realRandom
    time.restore()
  }
}
