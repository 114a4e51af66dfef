/** Epoch seconds reach this in the year 5138; epoch milliseconds had passed it in 1973. */
const LEAST_MILLISECONDS = 1e11

/** ISO text, or a date that begins with a name: `Date.parse` takes "1.5" and "x 1" for dates too. */
const DATE_TEXT =
  /^(?:\d{4}[-/]|(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[, ].*\d{4})/i

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
  const text = value.trim()
  const number = Number(text)
  if (!Number.isNaN(number)) return fromNumber(number)
  return DATE_TEXT.test(text) ? finite(Date.parse(text)) : undefined
}

function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined
  return value > LEAST_MILLISECONDS ? value : value * 1000
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}
