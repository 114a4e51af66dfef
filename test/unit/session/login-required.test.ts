import { describe, expect, it } from 'vitest'
import { loginRequired } from '../../../src/session/login-required.js'

const SAID = { error: 'bad_refresh_token', errorDescription: 'AADSTS50173: revoked' }

describe('the error that asks for a login', () => {
  it.each([
    ['no-session', 'Nobody has logged in yet'],
    ['signed-out', 'The user has logged out'],
    ['invalid-grant', 'The refresh token is no longer valid: the user must log in again'],
    ['gone', 'The session is gone from its store: the user must log in again'],
    ['no-refresh-token', 'The token has expired and there is no refresh token: log in again'],
    ['session-changed', 'Another login replaced the one that this call began with'],
  ] as const)('says why: %s', (reason, message) => {
    expect(loginRequired(reason)).toMatchObject({ reason, message })
  })

  it('takes a reason that a later release wrote, also one that names a member of every object', () => {
    expect(loginRequired('toString' as 'gone').message).toBe(
      loginRequired('later' as 'gone').message,
    )
  })

  it('says what the server said when it ended the session', () => {
    expect(loginRequired('invalid-grant', SAID)).toMatchObject({
      providerError: 'bad_refresh_token',
      errorDescription: 'AADSTS50173: revoked',
    })
  })

  it('does not say `invalid-grant` twice', () => {
    expect(loginRequired('invalid-grant', { error: 'invalid-grant' }).providerError).toBeUndefined()
  })

  it('says nothing of the server where it was not the server', () => {
    const { providerError, errorDescription } = loginRequired('signed-out', SAID)
    expect([providerError, errorDescription]).toEqual([undefined, undefined])
  })
})
