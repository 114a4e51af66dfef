import { describe, expect, it } from 'vitest'
import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
} from '../../../src/errors.js'
import { judgeRefusal } from '../../../src/http/token-answer.js'

describe('invalid_grant', () => {
  it.each([400, 401, 403, 200, undefined])('asks for a login, with status %s', (status) => {
    const judged = judgeRefusal({ status, error: 'invalid_grant' })
    expect(judged).toBeInstanceOf(LoginRequiredError)
    expect(judged).toMatchObject({ reason: 'invalid-grant', isTransient: false })
  })

  it.each([408, 429, 500, 503])('keeps the session where the server is in trouble: %s', (status) =>
    expect(judgeRefusal({ status, error: 'invalid_grant' })).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'failed',
    }),
  )

  it('is a rejection where no refresh token was spent', () => {
    const judged = judgeRefusal({ status: 400, error: 'invalid_grant', hasNoSession: true })
    expect(judged).toBeInstanceOf(RefreshRejectedError)
  })
})

describe('a passing refusal', () => {
  it.each([408, 429, 500, 502, 503, 504, 599])('is unavailability: HTTP %s', (status) => {
    const judged = judgeRefusal({ status, retryAfter: '7' })
    expect(judged).toBeInstanceOf(RefreshUnavailableError)
    expect(judged).toMatchObject({ status, outcome: 'failed', retryAfterMs: 7_000 })
    expect(judged.message).toContain(`HTTP ${status}`)
  })

  it.each(['temporarily_unavailable', 'server_error', 'slow_down'])(
    'is unavailability: %s with HTTP 400',
    (error) =>
      expect(judgeRefusal({ status: 400, error })).toMatchObject({
        code: 'ERR_REFRESH_UNAVAILABLE',
        outcome: 'failed',
        status: 400,
        retryAfterMs: undefined,
      }),
  )

  it('reads a Retry-After date against the Date of the same answer', () => {
    const judged = judgeRefusal({
      status: 503,
      retryAfter: 'Sun, 06 Nov 1994 08:50:37 GMT',
      date: 'Sun, 06 Nov 1994 08:49:37 GMT',
    })
    expect(judged).toMatchObject({ retryAfterMs: 60_000 })
  })
})

describe('any other refusal', () => {
  it.each(['invalid_client', 'invalid_request', 'invalid_scope', 'unauthorized_client', 'odd'])(
    'is a rejection that keeps the tokens: %s',
    (error) => {
      const judged = judgeRefusal({ status: 401, error, errorDescription: 'because' })
      expect(judged).toBeInstanceOf(RefreshRejectedError)
      expect(judged).toMatchObject({ status: 401, error, errorDescription: 'because' })
      expect(judged.message).toContain(`HTTP 401, ${error}`)
    },
  )

  it('is a rejection without an error code too: an empty 400 (glewlwyd), a 401 with HTML', () => {
    expect(judgeRefusal({ status: 400 })).toMatchObject({
      code: 'ERR_REFRESH_REJECTED',
      status: 400,
      error: undefined,
      errorDescription: undefined,
    })
    expect(judgeRefusal({ status: undefined }).message).toContain('no reason given')
  })
})

describe('what a server says', () => {
  it('is told without the token that it quotes', () => {
    const judged = judgeRefusal({
      status: 400,
      error: 'invalid_request',
      errorDescription: 'refresh_token=RT-12 is unknown, eyJhbGciOi.eyJzdWIiOi.c2ln too',
    })
    expect((judged as RefreshRejectedError).errorDescription).toBe(
      'refresh_token=[redacted] is unknown, [redacted] too',
    )
  })

  it('is told in short', () => {
    const judged = judgeRefusal({
      status: 400,
      error: 'e;'.repeat(5_000),
      errorDescription: 'd;'.repeat(5_000),
    }) as RefreshRejectedError
    expect(judged.error).toHaveLength(100)
    expect(judged.errorDescription).toHaveLength(500)
    expect(judged.message.length).toBeLessThan(200)
  })
})
