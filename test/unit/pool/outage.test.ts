import { beforeAll, describe, expect, it } from 'vitest'
import { measured, OUTAGE } from '../../outage/measure.js'
import type { OutageResult, Second } from '../../outage/outage.js'

/** A fiftieth of what docs/guide/web-apps.md shows, at an endpoint that allows a twenty-fifth. */
const SMALL = { ...OUTAGE, sessions: 200, perSecond: 2, responseMs: 500, untilMs: 360_000 }
const AT_ONCE = 1

describe('sessions that become due together, while their token endpoint is down', () => {
  let result: OutageResult
  beforeAll(async () => {
    result = await measured({ ...SMALL, maxTokenRequests: AT_ONCE })
  })
  const total = (what: keyof Second) =>
    result.seconds.reduce((sum, second) => sum + second[what], 0)

  it('are all there afterwards, each renewed once', () => {
    expect(result.lostSessions).toBe(0)
    expect(result.fresh).toBe(SMALL.sessions)
    expect(total('succeeded')).toBe(SMALL.sessions)
  })

  it('send no more requests at once than `maxTokenRequests`', () => {
    expect(result.mostAtOnce).toBe(AT_ONCE)
  })

  it('ask as one, and seldom, while it is down', () => {
    // 1 s, 2 s, 4 s, 8 s, then every 10 s, and what was under way before the first pause.
    expect(total('whileDown')).toBeLessThanOrEqual(3 + AT_ONCE + 4 + 12)
  })

  it('make no storm after it', () => {
    const after = result.seconds.slice(SMALL.downUntilMs / 1_000)
    const most = Math.max(...after.map((second) => second.succeeded + second.tooMany))
    expect(most).toBeLessThanOrEqual(SMALL.perSecond + AT_ONCE)
  })

  it('let a user wait for a few seconds, or not at all', () => {
    expect(result.waitsMs.at(-1)).toBeLessThan(20_000)
    expect(result.waitsMs[Math.floor(result.waitsMs.length * 0.9)]).toBeLessThan(1_000)
  })

  it('tell those whom they cannot serve in time so at once, but for a few', () => {
    const { refusedAfterMs } = result
    expect(refusedAfterMs.length).toBeGreaterThan(50)
    expect(refusedAfterMs[Math.floor(refusedAfterMs.length * 0.75)]).toBe(0)
    expect(refusedAfterMs.at(-1)).toBeLessThan(10_000)
  })
})
