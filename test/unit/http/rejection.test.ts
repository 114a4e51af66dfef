import { NotReplayedError, StepUpRequiredError } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { meaningOf401 } from '../../../src/http/rejection.js'

describe('a 401', () => {
  it.each([
    ['no challenge', undefined],
    ['an unreadable challenge', '"'],
    ['a Bearer challenge without error', 'Bearer realm="api"'],
    ['invalid_token', 'Bearer error="invalid_token"'],
    ['invalid_token beside another scheme', 'Basic realm="a, b", Bearer error="invalid_token"'],
    [
      'invalid_token beside insufficient_scope',
      'Bearer error="insufficient_scope", Bearer error="invalid_token"',
    ],
  ])('with %s asks for a new token', (_, header) => {
    expect(meaningOf401(header)).toBe('renew')
  })

  it.each([
    ['insufficient_scope', 'Bearer error="insufficient_scope", scope="admin"'],
    ['invalid_request', 'Bearer error="invalid_request"'],
    ['an error nobody knows', 'Bearer error="on_holiday"'],
    [
      'insufficient_scope beside a bare challenge',
      'Bearer realm="a", Bearer error="insufficient_scope"',
    ],
    ['Basic only', 'Basic realm="Bearer error=invalid_token"'],
    ['Negotiate and NTLM only', ['Negotiate', 'NTLM abc=']],
  ])('with %s would not be helped by a new token', (_, header) => {
    const meaning = meaningOf401(header)
    expect(meaning).toBeInstanceOf(NotReplayedError)
    expect(meaning).toMatchObject({ reason: 'scope' })
  })

  it('names the server’s error, short and without secrets', () => {
    const secret = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x'
    const { message } = meaningOf401(`Bearer error="bad ${secret} ${'y'.repeat(200)}"`) as Error
    expect(message).toContain('bad [redacted]')
    expect(message.length).toBeLessThan(150)
  })

  it('with insufficient_user_authentication asks for a stronger login (RFC 9470)', () => {
    const meaning = meaningOf401(
      'Bearer error="insufficient_user_authentication", error_description="A different level", acr_values="mfa  hwk", max_age="5"',
    )
    expect(meaning).toBeInstanceOf(StepUpRequiredError)
    expect(meaning).toMatchObject({ acrValues: ['mfa', 'hwk'], maxAgeSeconds: 5 })
  })

  it('takes a step-up without particulars, or with damaged ones, for one all the same', () => {
    const meaning = meaningOf401('Bearer error="insufficient_user_authentication", max_age="soon"')
    expect(meaning).toMatchObject({
      code: 'ERR_STEP_UP_REQUIRED',
      acrValues: [],
      maxAgeSeconds: undefined,
    })
  })
})
