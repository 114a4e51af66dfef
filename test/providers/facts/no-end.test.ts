import {
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  StepUpRequiredError,
  TokenManager,
} from 'tokenward'
import { auth0, entra } from 'tokenward/providers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createIssuer, refuses, signedIn } from '../../support/session/issuer.js'
import { fakeTime, pass } from '../../support/session/time.js'
import { rejectionOf } from '../support.js'
import { refusalBy } from './support.js'

fakeTime()

const MINUTE_MS = 60_000

describe('what is no end of the session', () => {
  it.each([
    ['AADSTS65001: The user has not consented', 'consent_required'],
    ['AADSTS50076: You must use multi-factor authentication', 'basic_action'],
  ])('Entra wants the user for one scope: %s', async (error_description, suberror) => {
    const said = { error: 'invalid_grant', error_description, suberror }
    expect(await refusalBy(entra(), 400, said)).toBeInstanceOf(StepUpRequiredError)
  })

  it('Entra wants the user for one scope, and the others go on', async () => {
    const tokens = new TokenManager({
      initialTokens: { access_token: 'AT0', refresh_token: 'RT0', expires_in: 3600 },
      refresh: async ({ scope }) => {
        if (scope === undefined) return { access_token: 'AT1', expires_in: 3600 }
        const said = { error: 'invalid_grant', suberror: 'consent_required' }
        throw Object.assign(new Error(), { response: { status: 400, data: said } })
      },
    })
    onTestFinished(() => tokens.close())
    const mail = tokens.for({ scope: 'Mail.Read' })
    const error = await rejectionOf(mail.getAccessToken())
    expect(error).toMatchObject({ code: 'ERR_STEP_UP_REQUIRED', scope: 'Mail.Read' })
    expect(await tokens.refresh()).toBe('AT1')
  })

  it('Auth0 wants a second factor, and its mfa_token back', async () => {
    const said = { error: 'mfa_required', mfa_token: 'an-mfa-token' }
    const error = await refusalBy(auth0({ domain: 'acme.auth0.com' }), 403, said)
    expect(error).toBeInstanceOf(StepUpRequiredError)
    expect((error as StepUpRequiredError).mfaToken).toBe('an-mfa-token')
    expect(JSON.stringify(error)).not.toContain('an-mfa-token')
  })

  it('Exact Online refuses a refresh that comes too early: it costs nothing, and is tried again at the expiry', async () => {
    const lifetimeMs = 10 * MINUTE_MS
    const tooEarlyMs = 30_000
    const issuer = createIssuer({ lifetimeMs })
    const startedAt = Date.now()
    issuer.always = (context) =>
      Date.now() < startedAt + lifetimeMs - tooEarlyMs
        ? refuses(400, 'access_denied')(context)
        : issuer.issue()
    const tokens = signedIn(issuer)
    onTestFinished(() => tokens.close())
    await pass(lifetimeMs - 2 * MINUTE_MS)
    for (let seconds = 0; seconds < 120; seconds += 5) {
      expect(await tokens.getAccessToken()).toMatch(/^at-[12]$/) // the good token is not withheld
      await pass(5_000)
    }
    expect(await tokens.getAccessToken()).toBe('at-2')
    expect(issuer.spent.length).toBeLessThan(10) // early refusals count at this server
  })

  it('a node of a Keycloak cluster says invalid_grant once: a good token is not given up for it', async () => {
    const issuer = createIssuer({ lifetimeMs: 10 * MINUTE_MS })
    issuer.next(refuses(400, 'invalid_grant'))
    const tokens = signedIn(issuer)
    onTestFinished(() => tokens.close())
    await pass(9 * MINUTE_MS)
    expect(await tokens.getAccessToken()).toBe('at-1')
    await pass(2_000)
    expect(await tokens.getAccessToken()).toBe('at-2')
    expect(issuer.spent).toEqual(['rt-1', 'rt-1'])
  })

  it('of a cluster both nodes say it: then it is believed', async () => {
    const issuer = createIssuer({ lifetimeMs: 10 * MINUTE_MS })
    issuer.next(refuses(400, 'invalid_grant'), refuses(400, 'invalid_grant'))
    const tokens = signedIn(issuer)
    onTestFinished(() => tokens.close())
    await pass(9 * MINUTE_MS)
    await tokens.getAccessToken()
    await pass(2_000)
    expect(await rejectionOf(tokens.getAccessToken())).toBeInstanceOf(LoginRequiredError)
  })

  it.each([
    ['without any time', {}, 1_000],
    ['with X-Rate-Limit-Reset in seconds', { 'x-rate-limit-reset': '90' }, 90_000],
    ['with X-Rate-Limit-Reset as an instant', { 'x-rate-limit-reset': 'now + 90' }, 90_000],
  ])('many throttle, %s: later, and fewer', async (_, headers, leastMs) => {
    const issuer = createIssuer({ lifetimeMs: MINUTE_MS })
    const instant = (text: string) =>
      text.replace('now + 90', String(Math.floor((Date.now() + MINUTE_MS) / 1000) + 90))
    const given = Object.entries(headers).map(([name, value]) => [name, instant(value)])
    issuer.always = refuses(429, undefined, Object.fromEntries(given) as Record<string, string>)
    const tokens = signedIn(issuer, { retry: { attempts: 1 } })
    onTestFinished(() => tokens.close())
    await pass(MINUTE_MS)
    const error = await rejectionOf(tokens.getAccessToken())
    expect(error).toBeInstanceOf(RefreshUnavailableError)
    await pass(leastMs - 500)
    await rejectionOf(tokens.getAccessToken())
    expect(issuer.spent).toHaveLength(1)
    issuer.always = undefined
    await pass(1_000)
    expect(await tokens.getAccessToken()).toBe('at-2')
  })

  it('a refusal of another kind is none either', async () => {
    expect(await refusalBy(entra(), 400, { error: 'invalid_scope' })).toBeInstanceOf(
      RefreshRejectedError,
    )
  })
})
