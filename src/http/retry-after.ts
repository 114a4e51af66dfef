const LONGEST_WAIT_MS = 60 * 60 * 1000

/**
 * `Retry-After` in both its forms (RFC 9110 §10.2.3), in milliseconds. A date is read against the
 * answer's own `Date`, since the two clocks need not agree; more than an hour counts as an hour;
 * what cannot be read is `undefined`.
 *
 * @internal
 */
export function retryAfterMs(
  retryAfter: string | null | undefined,
  date: string | null | undefined,
  now: number,
): number | undefined {
  const text = retryAfter?.trim()
  if (!text) return undefined
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_WAIT_MS)
  const until = Date.parse(text)
  if (Number.isNaN(until)) return undefined
  const answeredAt = date ? Date.parse(date) : NaN
  const waitMs = until - (Number.isNaN(answeredAt) ? now : answeredAt)
  return Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS)
}
