import { describe, expect, it } from 'vitest'
import {
  InvalidTokenResponseError,
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenStoreError,
  type TokenError,
} from '../../../src/errors.js'
import { healthAfter, WELL, type EndpointHealth } from '../../../src/pool/endpoint-health.js'

const AT = 1_000_000
const SESSIONS = Array.from({ length: 9 }, (_, index) => ({ index }))

const failed = new RefreshUnavailableError('HTTP 500', { outcome: 'failed', status: 500 })
const unsent = new RefreshUnavailableError('refused', { outcome: 'not-sent' })
const unknown = new RefreshUnavailableError('no answer', { outcome: 'unknown' })
const told = (retryAfterMs: number) =>
  new RefreshUnavailableError('HTTP 429', { outcome: 'failed', status: 429, retryAfterMs })

/** What is known after the errors, each of another session; `probe` marks those of probes. */
function after(errors: (TokenError | undefined)[], health: EndpointHealth = WELL, isProbe = false) {
  return errors.reduce<EndpointHealth>(
    (known, error, index) =>
      healthAfter(known, { error, session: SESSIONS[index]!, isProbe, at: AT }),
    health,
  )
}
const probed = (health: EndpointHealth, ...errors: (TokenError | undefined)[]) =>
  after(errors, health, true)
const pauseOf = ({ pausedUntil }: EndpointHealth) => pausedUntil && pausedUntil - AT

describe('an endpoint is paused', () => {
  it.each([
    ['by three sessions that fail in a row', [failed, unsent, unknown], 1_000],
    ['not by two', [failed, failed], undefined],
    ['not with a success between them', [failed, failed, undefined, failed, failed], undefined],
    ['by one `Retry-After`', [told(2_000)], 2_000],
    ['no longer than 10 s by what one session alone was told', [told(3_600_000)], 10_000],
    ['as long as the longest of several', [told(2_000), told(5_000), told(3_000)], 5_000],
  ])('%s', (_what, errors, pauseMs) => {
    expect(pauseOf(after(errors))).toBe(pauseMs)
  })

  it.each<[string, TokenError]>([
    ['the end of a session', new LoginRequiredError('', { reason: 'invalid-grant' })],
    ['a refusal', new RefreshRejectedError('', { status: 400, error: 'invalid_scope' })],
  ])('not where %s came between: the endpoint answers', (_what, error) => {
    expect(pauseOf(after([failed, failed, error, failed]))).toBeUndefined()
  })

  it.each<[string, TokenError]>([
    ['a store', new TokenStoreError('', { operation: 'save' })],
    ['a captive portal', new InvalidTokenResponseError('')],
  ])('not by what says nothing about it: %s', (_what, error) => {
    expect(after([error, error, error, error])).toBe(WELL)
  })

  it('not by one session, however often it fails', () => {
    const session = {}
    const request = { error: failed, session, isProbe: false, at: AT }
    let health = WELL
    for (let count = 0; count < 9; count++) health = healthAfter(health, request)
    expect(pauseOf(health)).toBeUndefined()
  })
})

describe('a probe', () => {
  const paused = after([failed, failed, failed])

  it('that succeeds ends it', () => {
    expect(probed(paused, undefined)).toBe(WELL)
  })

  it('that fails doubles the pause, to 10 s', () => {
    const pauses = [1, 2, 3, 4, 5].map((count) =>
      pauseOf(probed(paused, ...Array<TokenError>(count).fill(failed))),
    )
    expect(pauses).toEqual([2_000, 4_000, 8_000, 10_000, 10_000])
  })

  it('that is told `Retry-After` too makes all keep it, to a minute', () => {
    expect(pauseOf(probed(after([told(90_000)]), told(45_000)))).toBe(45_000)
    expect(pauseOf(probed(after([told(90_000)]), told(90_000)))).toBe(60_000)
  })
})

describe('what was sent before the pause and ends in it', () => {
  const paused = after([told(2_000)])

  it('does not end it', () => {
    expect(after([undefined], paused)).toBe(paused)
  })

  it('does not make it longer', () => {
    expect(after([failed, failed, failed, failed], paused)).toBe(paused)
  })
})
