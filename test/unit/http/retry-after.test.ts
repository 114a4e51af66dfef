import { describe, expect, it } from 'vitest'
import { parseHttpDate, retryAfterIn, retryAfterMs } from '../../../src/http/retry-after.js'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const inSeconds = (seconds: number, from = NOW) => new Date(from + seconds * 1000).toUTCString()

describe('Retry-After in seconds', () => {
  it.each([
    ['0', 0],
    ['1', 1_000],
    [' 120 ', 120_000],
    ['1.5', 1_500],
    ['3600', 3_600_000],
  ])('reads %j', (header, waitMs) => expect(retryAfterMs(header, null, NOW)).toBe(waitMs))

  it.each(['3601', '86400', '9'.repeat(400)])('counts %s as an hour', (header) => {
    expect(retryAfterMs(header, null, NOW)).toBe(3_600_000)
  })
})

describe('Retry-After as an HTTP date (msal-node: parseInt of it is NaN)', () => {
  it('counts from the Date of the same answer, whatever the local clock says', () => {
    const serverNow = NOW + 10 * 60_000
    const header = inSeconds(30, serverNow)
    expect(retryAfterMs(header, inSeconds(0, serverNow), NOW)).toBe(30_000)
  })

  it.each([null, undefined, '', 'yesterday', '1.5'])(
    'counts from the local clock where the answer has Date %j',
    (date) => expect(retryAfterMs(inSeconds(30), date, NOW)).toBe(30_000),
  )

  it('is no wait where the date is past', () => {
    expect(retryAfterMs(inSeconds(-30), inSeconds(0), NOW)).toBe(0)
  })

  it('counts more than an hour as an hour', () => {
    expect(retryAfterMs(inSeconds(86_400), inSeconds(0), NOW)).toBe(3_600_000)
  })
})

describe('a Retry-After that cannot be read', () => {
  it.each([null, undefined, '', ' ', 'soon', 'in 5', '-5', '1e3', '120, 120', '2026-01-02', 'NaN'])(
    'says nothing: %j',
    (header) => expect(retryAfterMs(header, null, NOW)).toBeUndefined(),
  )
})

describe('an HTTP date', () => {
  const instant = Date.UTC(1994, 10, 6, 8, 49, 37)

  it.each([
    'Sun, 06 Nov 1994 08:49:37 GMT',
    'Sunday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov  6 08:49:37 1994',
    '1994-11-06T08:49:37Z',
    '1994-11-06T09:49:37.000+01:00',
  ])('is read in each form, as GMT: %s', (text) => expect(parseHttpDate(text)).toBe(instant))

  it.each(['Sun, 99 Nov 1994 99:99:99 GMT', '1994-11-06T08:49:37', '6 Nov 1994', null])(
    'is not guessed: %s',
    (text) => expect(parseHttpDate(text)).toBeUndefined(),
  )
})

describe('when a limit ends', () => {
  const headersOf = (values: Record<string, string>) => (name: string) => values[name] ?? null

  it.each(['ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset'])(
    'is said by %s with 429, and with nothing else',
    (name) => {
      const header = headersOf({ [name]: '30' })
      expect(retryAfterIn(header, 429)).toBe('30')
      expect(retryAfterIn(header, 503)).toBeUndefined()
    },
  )

  it('is said by Retry-After before all', () => {
    const header = headersOf({ 'retry-after': '5', 'x-rate-limit-reset': '30' })
    expect(retryAfterIn(header, 429)).toBe('5')
  })

  it.each([
    ['seconds', '30'],
    ['an instant in seconds', String(NOW / 1000 + 30)],
    ['an instant in milliseconds', String(NOW + 30_000)],
  ])('is read as %s', (_, value) => {
    expect(retryAfterMs(value, new Date(NOW).toUTCString(), NOW - 99_000)).toBe(30_000)
  })
})
