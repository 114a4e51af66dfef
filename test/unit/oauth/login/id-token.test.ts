import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { oauthClient, type AuthorizationRequest } from 'tokenward/oauth'
import { failureOf, FULL_METADATA, ISSUER, json, REDIRECT_URI, stubFetch, TOKENS } from '../support.js' // prettier-ignore

const SECONDS = 1000
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: object, header: object = { alg: 'ES256' }) =>
  `${part(header)}.${part(claims)}.c2ln`

interface Scene {
  readonly idToken: (good: Record<string, unknown>) => unknown
  readonly scope?: string
  readonly maxAgeSeconds?: number
  readonly headers?: Record<string, string>
}

async function logInWith({ idToken, scope = 'openid', maxAgeSeconds, headers }: Scene) {
  let request: AuthorizationRequest
  const { fetch } = stubFetch(() => {
    const now = Math.floor(Date.now() / SECONDS)
    const good = { iss: ISSUER, aud: 'app', sub: 'alice', iat: now, exp: now + 60, auth_time: now }
    const nonce = request.nonce === undefined ? {} : { nonce: request.nonce }
    return json({ ...TOKENS, id_token: idToken({ ...good, ...nonce }) }, { headers })
  })
  const oauth = oauthClient({
    metadata: FULL_METADATA,
    clientId: 'app',
    redirectUri: REDIRECT_URI,
    fetch,
  })
  request = await oauth.authorizationRequest({ scope, maxAgeSeconds })
  return oauth.authorizationCode(`?code=1&state=${request.state}`, request)
}

describe('the ID token of a login', () => {
  it.each<[string, Scene]>([
    ['is of this login', { idToken: (good) => jwt(good) }],
    ['is young enough', { idToken: (good) => jwt(good), maxAgeSeconds: 60 }],
    ['is signed by whatever', { idToken: (good) => jwt(good, { alg: 'PS512' }) }],
    ['is not there, and no nonce was sent', { idToken: () => undefined, scope: 'read' }],
    ['was not asked for', { idToken: ({ nonce: _, ...good }) => jwt(good), scope: 'read' }],
    [
      'is for us among others',
      { idToken: (good) => jwt({ ...good, aud: ['x', 'app'], azp: 'app' }) },
    ],
    [
      'is of a server whose clock is ahead',
      {
        idToken: ({ iat, ...good }) => {
          const at = (iat as number) + 3_600
          return jwt({ ...good, iat: at, nbf: at, exp: at + 60 })
        },
        headers: { date: new Date(Date.now() + 3_600_000).toUTCString() },
      },
    ],
  ])('keeps nobody out where it %s', async (_, scene) => {
    await expect(logInWith(scene)).resolves.toMatchObject({ accessToken: 'AT1' })
  })

  it.each<[string, Scene, RegExp]>([
    ['has another nonce', { idToken: (good) => jwt({ ...good, nonce: 'x' }) }, /nonce/],
    ['has no nonce', { idToken: ({ nonce: _, ...good }) => jwt(good) }, /nonce/],
    [
      'is another server’s',
      { idToken: (good) => jwt({ ...good, iss: 'https://evil.test' }) },
      /iss/,
    ],
    ['is for another client', { idToken: (good) => jwt({ ...good, aud: 'other' }) }, /aud/],
    [
      'is for another client first',
      { idToken: (good) => jwt({ ...good, aud: ['app', 'x'], azp: 'x' }) },
      /azp/,
    ],
    ['has expired', { idToken: (good) => jwt({ ...good, exp: 1 }) }, /exp/],
    [
      'is of a login too long ago',
      { idToken: (good) => jwt({ ...good, auth_time: 1 }), maxAgeSeconds: 60 },
      /authentication/,
    ],
    [
      'does not say how long ago',
      { idToken: ({ auth_time: _, ...good }) => jwt(good), maxAgeSeconds: 60 },
      /auth_time/,
    ],
    ['is not there', { idToken: () => undefined }, /has no ID token, although .* `openid`/],
    ['is no text', { idToken: () => 7 }, /has no ID token/],
    ['is encrypted', { idToken: () => 'a.b.c.d.e' }, /is encrypted, so that its nonce/],
    ['is not signed', { idToken: (good) => jwt(good, { alg: 'none' }) }, /`alg` is none/],
    ['is not signed, oddly', { idToken: (good) => jwt(good, { alg: 'NoNe' }) }, /`alg` is none/],
    [
      'is longer than anyone reads',
      { idToken: (good) => jwt({ ...good, groups: 'x'.repeat(200_000) }) },
      /longer than 131072/,
    ],
    [
      'is nested more deeply than anyone means it',
      {
        idToken: (good) =>
          jwt({ ...good, groups: JSON.parse(`${'['.repeat(300)}1${']'.repeat(300)}`) }),
      },
      /nested too deeply/,
    ],
    ['is no JWT', { idToken: () => 'rubbish' }, /ID token does not belong to this login/],
    [
      'has a header of rubbish',
      { idToken: () => 'a.b.c' },
      /ID token does not belong to this login/,
    ],
  ])('refuses the login where it %s', async (_, scene, message) => {
    const error = await failureOf(logInWith(scene))
    expect(error).toMatchObject({ code: 'ERR_LOGIN', reason: 'failed' })
    expect(error.message).toMatch(message)
  })
})

describe('the ID token that did not come over TLS', () => {
  const origin = 'http://127.0.0.1:4711'
  /** Made once: those of RSA take a while. */
  const keys = new Map<string, ReturnType<typeof generateKeyPair>>()
  const keyPair = (alg: string, whose: string) => {
    const name = `${alg} ${whose}`
    const pair = keys.get(name) ?? generateKeyPair(alg)
    keys.set(name, pair)
    return pair
  }

  async function logInOverHttp(
    sign: 'its key' | 'another key' | 'nothing',
    jwksBytes = 0,
    alg = 'ES256',
  ) {
    const { publicKey, privateKey } = await keyPair(alg, 'the server’s')
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg, use: 'sig' }
    let request: AuthorizationRequest
    const { fetch, sent } = stubFetch(async ({ url }) => {
      if (url.endsWith('/jwks')) return json({ keys: [jwk], padding: 'x'.repeat(jwksBytes) })
      const claims = new SignJWT({ nonce: request.nonce })
        .setIssuer(origin)
        .setAudience('app')
        .setSubject('alice')
        .setIssuedAt()
        .setExpirationTime('1 min')
        .setProtectedHeader({ alg, kid: 'k1' })
      const other = sign === 'another key' && (await keyPair(alg, 'another')).privateKey
      const signed = await claims.sign(other || privateKey)
      return json({
        ...TOKENS,
        id_token: sign === 'nothing' ? signed.replace(/[^.]*$/, '') : signed,
      })
    })
    const oauth = oauthClient({
      metadata: {
        issuer: origin,
        token_endpoint: `${origin}/token`,
        authorization_endpoint: `${origin}/authorize`,
        jwks_uri: `${origin}/jwks`,
      },
      clientId: 'app',
      redirectUri: REDIRECT_URI,
      fetch,
    })
    request = await oauth.authorizationRequest({ scope: 'openid' })
    return { login: oauth.authorizationCode(`?code=1&state=${request.state}`, request), sent }
  }

  it.each(['ES256', 'RS256'])("is good with the server's signature: %s", async (alg) => {
    const { login, sent } = await logInOverHttp('its key', 0, alg)
    await expect(login).resolves.toMatchObject({ accessToken: 'AT1' })
    expect(sent.at(-1)!.url).toBe(`${origin}/jwks`)
  })

  it('takes keys of more than a megabyte, and not of more than sixteen', async () => {
    const { login } = await logInOverHttp('its key', 2 * 1024 * 1024)
    await expect(login).resolves.toMatchObject({ accessToken: 'AT1' })
    const { login: tooMany } = await logInOverHttp('its key', 17 * 1024 * 1024)
    expect((await failureOf(tooMany)).message).toMatch(/longer than 16777216 bytes/)
  })

  it.each(['another key', 'nothing'] as const)('is refused when signed with %s', async (key) => {
    for (const alg of ['ES256', 'RS256']) {
      const { login } = await logInOverHttp(key, 0, alg)
      expect(await failureOf(login)).toMatchObject({ code: 'ERR_LOGIN', reason: 'failed' })
    }
  })
})

describe('the ID token of Entra’s common tenant (azure-docs#38427)', () => {
  const TENANT = '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
  const host = 'https://login.microsoftonline.test'
  const template = `${host}/{tenantid}/v2.0`

  async function logInAt(tenant: string, claims: object, issuer = template) {
    let request: AuthorizationRequest
    const { fetch } = stubFetch(({ url }) => {
      if (url.includes('.well-known')) {
        return json({ ...FULL_METADATA, issuer, token_endpoint: `${host}/common/token` })
      }
      const now = Math.floor(Date.now() / SECONDS)
      const { nonce } = request
      const good = { aud: 'app', sub: 'alice', iat: now, exp: now + 60, nonce }
      return json({ ...TOKENS, id_token: jwt({ ...good, ...claims }) })
    })
    const oauth = oauthClient({
      issuer: `${host}/${tenant}/v2.0`,
      clientId: 'app',
      redirectUri: REDIRECT_URI,
      fetch,
    })
    request = await oauth.authorizationRequest({ scope: 'openid' })
    return oauth.authorizationCode(`?code=1&state=${request.state}`, request)
  }

  it.each(['common', 'organizations'])('is of its own tenant: %s', async (tenant) => {
    const claims = { tid: TENANT, iss: `${host}/${TENANT}/v2.0` }
    await expect(logInAt(tenant, claims)).resolves.toMatchObject({ accessToken: 'AT1' })
  })

  it.each([
    { tid: TENANT, iss: `${host}/another/v2.0` },
    { tid: 'evil/../x', iss: `${host}/evil/../x/v2.0` },
    { tid: 7, iss: `${host}/7/v2.0` },
  ])('is refused where its issuer is not that of its tenant: %j', async (claims) => {
    expect((await failureOf(logInAt('common', claims))).message).toMatch(/iss/)
  })

  it.each([
    ['contoso', template],
    ['common', 'https://evil.test/{tenantid}/v2.0'],
  ])('does not make another issuer ours: %s, %s', async (tenant, issuer) => {
    const error = await failureOf(logInAt(tenant, {}, issuer))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED' })
    expect(error.message).toMatch(/another issuer/)
  })
})
