import { LoginError, TokenManager } from 'tokenward'
import { deviceLogin, type DeviceCode } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../support/oidc/authorization-server.js'
import { UserAgent } from '../support/oidc/user-agent.js'
import { RESOURCE, SCOPE } from '../support/oidc/provider.js'

let server: AuthorizationServer

beforeEach(async () => void (server = await startAuthorizationServer({ accessTokenTtl: 300 })))
afterEach(() => server.stop())

function begin(onCode: (code: DeviceCode) => unknown, signal?: AbortSignal) {
  const client = oauthClient({ issuer: server.issuer, ...server.clients.none })
  const scope = `openid offline_access ${SCOPE}`
  return { client, login: deviceLogin({ client, onCode, scope, resource: RESOURCE, signal }) }
}

describe('deviceLogin at oidc-provider', () => {
  it('a user who types the code at the URL: the terminal has its tokens', async () => {
    let shown: DeviceCode | undefined
    const { client, login } = begin(async (code) => {
      shown = code
      const user = new UserAgent({ login: 'alice', password: 'any', user_code: code.userCode })
      await user.browseToEnd(new URL(code.verificationUri))
    })
    const result = await login

    expect(shown).toMatchObject({
      userCode: expect.stringMatching(/^\w{4}-\w{4}$/),
      verificationUri: `${server.issuer}/device`,
      verificationUriComplete: `${server.issuer}/device?user_code=${shown!.userCode}`,
    })
    expect(shown!.expiresAt).toBeGreaterThan(Date.now())
    expect(result).toMatchObject({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      idToken: expect.any(String),
    })
    const tokens = new TokenManager({ refresh: client.refreshToken() })
    await tokens.setTokens(result)
    expect(await tokens.refresh()).not.toBe(result.accessToken)
    await tokens.close()
  })

  it('a user who opens the URL with the code in it need not type it', async () => {
    const { login } = begin(({ verificationUriComplete }) =>
      server.userAgent('bob').browseToEnd(new URL(verificationUriComplete!)),
    )
    expect(await login).toMatchObject({ accessToken: expect.any(String) })
  })

  it('a user who says no: a LoginError', async () => {
    const { login } = begin(async (code) => {
      const user = new UserAgent({ user_code: code.userCode, abort: 'yes' })
      // The server goes on showing its form.
      await user.browseToEnd(new URL(code.verificationUri)).catch(() => {})
    })
    const error: unknown = await login.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(LoginError)
    expect(error).toMatchObject({ reason: 'denied', error: 'access_denied' })
  })

  it('an abort ends it at once', async () => {
    const controller = new AbortController()
    const { login } = begin(() => controller.abort(), controller.signal)
    const error: unknown = await login.catch((thrown: unknown) => thrown)
    expect(error).toBe(controller.signal.reason)
  })
})
