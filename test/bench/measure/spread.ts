/** What many measurements of the same thing came to. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

/** @throws Error if there are none */
export function spreadOf(values: readonly number[]): Spread {
  return { min: quantile(values, 0), median: quantile(values, 0.5), max: quantile(values, 1) }
}

/** The value that this share of all is no greater than. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const value = sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}

/** Pair by pair, so that a slow moment of the machine is in both. */
export function ratiosOf(values: readonly number[], floor: readonly number[]): number[] {
  return values.map((value, index) => value / floor[index]!)
}
