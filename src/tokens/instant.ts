/** Epoch seconds reach this in the year 5138; epoch milliseconds had passed it in 1973. */
const LEAST_MILLISECONDS = 1e11

/**
 * An absolute time in any common form (seconds, milliseconds, either as text, ISO text, a `Date`)
 * in epoch milliseconds; `undefined` where it cannot be read.
 *
 * @internal
 */
export function instantOf(value: unknown): number | undefined {
  if (value instanceof Date) return finite(value.getTime())
  if (typeof value === 'number') return fromNumber(value)
  if (typeof value !== 'string' || value.trim() === '') return undefined
  const number = Number(value)
  return Number.isNaN(number) ? finite(Date.parse(value)) : fromNumber(number)
}

function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined
  return value > LEAST_MILLISECONDS ? value : value * 1000
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}
