import { generateKeyPair, SignJWT } from 'jose'
import { memoryStore, TokenManager } from 'tokenward'
import { browserLogin, knownUser, saveLogin } from 'tokenward/cli'
import { oauthClient } from 'tokenward/oauth'
import { describe, expect, it } from 'vitest'
import { ask, browser, connection, rejectionOf } from './support.js'

const HOST = 'https://login.microsoftonline.test'
const TENANT = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'

/** Entra, whose metadata at `common` name a template in the place of an issuer. */
function entra(tenant: string) {
  let nonce: string | null = null
  const fetch = async (url: string, { body = '' }: { body?: string } = {}) => {
    if (url.includes('.well-known')) {
      return Response.json({
        issuer: `${HOST}/{tenantid}/v2.0`,
        authorization_endpoint: `${HOST}/${tenant}/oauth2/v2.0/authorize`,
        token_endpoint: `${HOST}/${tenant}/oauth2/v2.0/token`,
        response_modes_supported: ['query', 'fragment', 'form_post'],
      })
    }
    expect(new URLSearchParams(body).get('code')).toBe('the-code')
    return Response.json({
      token_type: 'Bearer',
      expires_in: 3_600,
      access_token: 'the-access-token',
      refresh_token: 'the-refresh-token',
      id_token: await idToken(nonce),
    })
  }
  return {
    client: oauthClient({ issuer: `${HOST}/${tenant}/v2.0`, clientId: 'cli', fetch }),
    /** What the browser is sent back with. */
    respond: async (window: ReturnType<typeof browser>, iss?: string) => {
      const { searchParams } = await window.url
      nonce = searchParams.get('nonce')
      const response = new URL(await window.redirectUri)
      const state = searchParams.get('state')!
      response.search = `?code=the-code&state=${state}&session_state=abc${iss ? `&iss=${encodeURIComponent(iss)}` : ''}`
      return ask(response)
    },
  }
}

const signingKey = generateKeyPair('RS256')

/** Of the user's own tenant. The connection vouches for it, and not a signature. */
async function idToken(nonce: string | null): Promise<string> {
  const { privateKey } = await signingKey
  return new SignJWT({ tid: TENANT, nonce, preferred_username: 'ada@contoso.test' })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(`${HOST}/${TENANT}/v2.0`)
    .setSubject('ada')
    .setAudience('cli')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey)
}

describe.each(['common', 'organizations'])('a login in the browser at Entra’s %s', (tenant) => {
  it('is that of a user of whichever tenant, who is known by the ID token', async () => {
    const { client, respond } = entra(tenant)
    const window = browser()
    const login = browserLogin({ client, open: window.open, scope: 'openid profile' })
    const [result, page] = await Promise.all([login, respond(window)])
    expect(page.status).toBe(200)
    expect(result).toMatchObject({ refreshToken: 'the-refresh-token' })

    const tokens = new TokenManager({ refresh: client.refreshToken(), store: memoryStore() })
    await saveLogin(tokens, result)
    expect(knownUser(await tokens.getTokens())).toMatchObject({
      label: 'ada@contoso.test',
      claims: { tid: TENANT },
    })
    await tokens.close()
  })

  it('refuses a response of another server', async () => {
    const { client, respond } = entra(tenant)
    const window = browser()
    const login = browserLogin({ client, open: window.open, scope: 'openid' })
    void respond(window, `https://evil.test/${TENANT}/v2.0`)
    expect(await rejectionOf(login)).toMatchObject({ code: 'ERR_LOGIN', reason: 'issuer' })
    expect(await connection((await window.redirectUri).port)).toBe('ECONNREFUSED')
  })
})
