import { LONGEST_RETRY_AFTER_MS } from '../retry-after-limit.js'

/**
 * `Retry-After` in both its forms (RFC 9110 §10.2.3), in milliseconds. A date is read against the
 * response's own `Date`, since the two clocks need not agree; more than an hour counts as an hour;
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
  const waitMs =
    untilInstantMs(text, date, now) ?? secondsAsMs(text) ?? untilDateMs(text, date, now)
  return waitMs === undefined ? undefined : Math.min(Math.max(waitMs, 0), LONGEST_RETRY_AFTER_MS)
}

/** Which many servers send with a 429 in place of `Retry-After`. */
const RESET_HEADERS = ['ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset']

/**
 * What a response says of when to come back, as it came: `Retry-After`, or with 429 when the limit
 * ends (seconds, or an instant).
 *
 * @internal
 */
export function retryAfterIn(
  header: (name: string) => string | null | undefined,
  status: number | undefined,
): string | undefined {
  const names = status === 429 ? ['retry-after', ...RESET_HEADERS] : ['retry-after']
  return names.map(header).find((value) => typeof value === 'string' && value !== '') ?? undefined
}

/** Nobody waits for thirty years: so many seconds are an instant. */
const LEAST_INSTANT_SECONDS = 1e9
const LEAST_INSTANT_MS = 1e11

function untilInstantMs(
  text: string,
  date: string | null | undefined,
  now: number,
): number | undefined {
  const value = secondsAsMs(text)
  if (value === undefined || value < LEAST_INSTANT_SECONDS * 1000) return undefined
  const isMilliseconds = value / 1000 > LEAST_INSTANT_MS
  return (isMilliseconds ? value / 1000 : value) - (parseHttpDate(date) ?? now)
}

/**
 * An HTTP date in any of its three forms (RFC 9110 §5.6.7), or an ISO 8601 instant as some servers
 * send it, in epoch milliseconds. `Date.parse` alone takes "-5" and "1.5" for dates of 2001.
 *
 * @internal
 */
export function parseHttpDate(text: string | null | undefined): number | undefined {
  const date = text?.trim() ?? ''
  const time = HTTP_DATE.test(date)
    ? Date.parse(date)
    : ASCTIME_DATE.test(date)
      ? Date.parse(`${date} GMT`)
      : NaN
  return Number.isNaN(time) ? undefined : time
}

/** With its own zone: IMF-fixdate, RFC 850, ISO 8601. */
const HTTP_DATE =
  /^(?:[a-z]{3}, \d{2} [a-z]{3} \d{4} [\d:]{8} GMT|[a-z]{6,9}, \d{2}-[a-z]{3}-\d{2} [\d:]{8} GMT|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d))$/i

/** asctime says no zone and means GMT. */
const ASCTIME_DATE = /^[a-z]{3} [a-z]{3} [ \d]\d [\d:]{8} \d{4}$/i

/** The RFC wants whole seconds; servers also send a fraction. */
function secondsAsMs(text: string): number | undefined {
  return /^\d+(?:\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) : undefined
}

function untilDateMs(
  text: string,
  date: string | null | undefined,
  now: number,
): number | undefined {
  const until = parseHttpDate(text)
  return until === undefined ? undefined : until - (parseHttpDate(date) ?? now)
}
