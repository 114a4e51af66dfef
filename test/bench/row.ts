import type { Spread } from './measure/spread.ts'

/** One figure of one contender. */
export interface Figure {
  /** What was measured, in a few words: the same for all who are compared by it. */
  readonly of: string
  readonly contender: string
  /** The number, as it is shown: `1.02 ×`, `300 B`. */
  readonly shown: string
}

/** What we promise of a figure of ours. */
export interface Goal {
  readonly of: string
  readonly atMost?: number
  readonly atLeast?: number
  readonly ours: number
  readonly unit: string
}

/** What one bench found. */
export interface Row {
  readonly name: string
  /** How it was measured, in one or two sentences. */
  readonly how: string
  readonly goals: readonly Goal[]
  readonly figures: readonly Figure[]
}

/** How we are called among the contenders. */
export const OURS = 'tokenward'

export function isMet({ ours, atMost = Infinity, atLeast = -Infinity }: Goal): boolean {
  return ours <= atMost && ours >= atLeast
}

/** @returns the spread, as min, median and max */
export function show({ min, median, max }: Spread, unit: string): string {
  return `${round(median)} ${unit} (${round(min)} to ${round(max)})`
}

/** Three digits that count. */
export function round(value: number): string {
  if (Math.abs(value) >= 100 || Number.isInteger(value))
    return Math.round(value).toLocaleString('en')
  return Number(value.toPrecision(3)).toString()
}
