import { writeFile } from 'node:fs/promises'
import { measured, OUTAGE } from './measure.ts'
import type { OutageResult, Second } from './outage.ts'
import { plotOutage, type Panel } from './plot.ts'

/**
 * Measures an outage without and with a pool's shared token endpoint, and draws it for the guide.
 * The argument makes all of it smaller: a fifth of the sessions, at an endpoint that allows a fifth.
 */
const SHARE = 1 / Number(process.argv[2] ?? 1)
const SVG = new URL('../../docs/images/outage.svg', import.meta.url)

async function main(): Promise<void> {
  Error.stackTraceLimit = 0 // a hundred thousand errors, whose stacks nobody reads
  const panels: Panel[] = []
  for (const [title, maxTokenRequests] of [
    ['What one session learns holds for all', 5 * SHARE],
    ['Each session by itself', undefined],
  ] as const) {
    const sessions = OUTAGE.sessions * SHARE
    const perSecond = OUTAGE.perSecond * SHARE
    const result = await measured({ ...OUTAGE, sessions, perSecond, maxTokenRequests })
    console.log(title, JSON.stringify(figuresOf(result), undefined, 2))
    panels.unshift({ title, result })
  }
  await writeFile(SVG, plotOutage(panels, [OUTAGE.downFromMs, OUTAGE.downUntilMs]))
}

function figuresOf({ seconds, waitsMs, refusedAfterMs, ...rest }: OutageResult) {
  const total = (what: keyof Second) => seconds.reduce((sum, second) => sum + second[what], 0)
  const isTroubled = ({ usersRefused, usersWaited }: Second) => usersRefused + usersWaited > 0
  return {
    ...rest,
    succeeded: total('succeeded'),
    tooMany: total('tooMany'),
    whileDown: total('whileDown'),
    mostInASecond: Math.max(...seconds.map((s) => s.succeeded + s.tooMany + s.whileDown)),
    usersServed: waitsMs.length,
    waitMs: quantilesOf(waitsMs),
    usersRefused: refusedAfterMs.length,
    refusedAfterMs: quantilesOf(refusedAfterMs),
    allWellAtSecond: seconds.findLastIndex(isTroubled) + 1,
  }
}

function quantilesOf(sorted: readonly number[]) {
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) }
}

void main()
