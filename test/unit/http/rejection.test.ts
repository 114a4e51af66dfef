import { NotReplayedError, StepUpRequiredError } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { meaningOfResponse, type Rejection } from '../../../src/http/rejection.js'

const meaningOf401 = (header?: string | string[]) => meaningOfResponse(401, header)

describe('a 401', () => {
  it.each([
    ['no challenge', undefined],
    ['an unreadable challenge', '"'],
    ['a Bearer challenge without error', 'Bearer realm="api"'],
    ['invalid_token', 'Bearer error="invalid_token"'],
    ['invalid_token beside another scheme', 'Basic realm="a, b", Bearer error="invalid_token"'],
    ['invalid_token of any scheme', 'OAuth2 realm="x", error="invalid_token"'],
    [
      'invalid_token beside insufficient_scope',
      'Bearer error="insufficient_scope", Bearer error="invalid_token"',
    ],
  ])('with %s asks for a new token', (_, header) => {
    expect(meaningOf401(header)).toEqual({})
  })

  it.each([
    ['invalid_request', 'Bearer error="invalid_request"'],
    ['an error nobody knows', 'Bearer error="on_holiday"'],
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

  it.each([
    ['basic', 'Basic realm="Bearer error=invalid_token"'],
    ['negotiate, ntlm', ['Negotiate', 'NTLM abc=']],
  ])('with challenges of other schemes only (%s) leaves it open', (otherSchemes, header) => {
    expect(meaningOf401(header)).toEqual({ otherSchemes })
  })

  it('counts the scheme that was sent as ours', () => {
    expect(meaningOfResponse(401, 'Token', ['token', 'bearer'])).toEqual({})
    expect(meaningOfResponse(401, 'Token', ['bearer'])).toEqual({ otherSchemes: 'token' })
  })

  it.each([401, 403])('%i with insufficient_scope says which scope', (status) => {
    const header = 'Bearer realm="a", Bearer error="insufficient_scope", scope="admin write"'
    const meaning = meaningOfResponse(status, header)
    expect(meaning).toMatchObject({ code: 'ERR_STEP_UP_REQUIRED', scope: 'admin write' })
    expect((meaning as Error).message).toContain('"admin write"')
  })

  it('403 without such a challenge says nothing of the token', () => {
    expect(meaningOfResponse(403, 'Bearer error="invalid_token"')).toBeUndefined()
  })

  it('with insufficient_claims renews with the claims, decoded (Entra)', () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
    const header = `Bearer error="insufficient_claims", claims="${btoa(claims)}"`
    expect(meaningOf401(header)).toEqual({ claims })
    expect(meaningOf401('Bearer error="insufficient_claims", claims="%%"')).toMatchObject({
      reason: 'scope',
    })
  })

  it.each([
    ['50 challenges', Array.from({ length: 50 }, (_, index) => `S${index} realm="a"`).join(', ')],
    ['1 MB', `Bearer realm="${'x'.repeat(1_000_000)}`],
    ['unclosed quotes', 'Bearer realm="a, error="invalid_token'],
  ])('with %s is read in bounded time, and never thrown at', (_, header) => {
    expect(meaningOf401(header) as Rejection).not.toBeInstanceOf(Error)
  })
})
