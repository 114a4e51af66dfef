import fc from 'fast-check'
import { grown, growing, type Growing } from './growth.js'
import { play, type Target } from './target.js'

/** Four times the length may take four times as long; a parser that looks back takes sixteen. */
const LENGTHS = [62_500, 250_000, 1_000_000] as const
const WORST_RATIO = 10
/** On a machine that does nothing else. */
const LONGEST_MS = 100
/** What takes less says nothing about how it grows. */
const SHORTEST_MS = 10

export interface Cost {
  readonly isLinear: boolean
  readonly said: string
}

/** Looks for the input that takes longest for its length. */
export async function slowest(
  target: Target,
  seeds: readonly string[],
  seconds: number,
  seed: number,
): Promise<Cost> {
  const candidates = fc.sample(growing(seeds, target.words), { seed, numRuns: 10_000 })
  const end = performance.now() + seconds * 1000
  let worst: { growing: Growing; ms: number } | undefined
  for (const candidate of candidates) {
    if (performance.now() > end) break
    const ms = await timeOf(target, candidate, LENGTHS[1])
    if (ms > (worst?.ms ?? 0)) worst = { growing: candidate, ms }
  }
  if (!worst) return { isLinear: true, said: 'nothing measured' }
  return judged(target, worst.growing)
}

async function judged(target: Target, candidate: Growing): Promise<Cost> {
  const [short, middle, long] = [
    await leastOf(target, candidate, LENGTHS[0]),
    await leastOf(target, candidate, LENGTHS[1]),
    await leastOf(target, candidate, LENGTHS[2]),
  ]
  const isMeasurable = long > SHORTEST_MS
  const isLinear = !isMeasurable || long / middle < WORST_RATIO || middle / short < WORST_RATIO
  const said = `1 MB in ${Math.round(long)} ms (${(long / middle).toFixed(1)} times 250 kB)`
  const which = isLinear && long < LONGEST_MS ? '' : `: ${JSON.stringify(shown(candidate))}`
  return { isLinear, said: said + which }
}

/** The machine has other things to do: the fastest of a few is what the input costs. */
async function leastOf(target: Target, candidate: Growing, length: number): Promise<number> {
  let least = Infinity
  for (let run = 0; run < 5; run++) least = Math.min(least, await timeOf(target, candidate, length))
  return least
}

async function timeOf(target: Target, candidate: Growing, length: number): Promise<number> {
  const text = grown(candidate, length)
  const start = performance.now()
  await play(target, text).catch((error: unknown) => {
    throw new Fault(candidate, error as Error)
  })
  return performance.now() - start
}

/** A long input that the target cannot cope with, whatever the time. */
export class Fault extends Error {
  constructor(
    readonly growing: Growing,
    readonly error: Error,
  ) {
    super(error.message)
  }
}

function shown({ before, part, after }: Growing): object {
  return { before: before.slice(-40), part, after: after.slice(0, 40) }
}
