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
    ['is not there', { idToken: () => undefined }],
    ['is no text', { idToken: () => 7 }],
    ['is encrypted', { idToken: () => 'a.b.c.d.e' }],
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
    ['is no JWT', { idToken: () => 'rubbish' }, /ID token is not of this login/],
    ['has a header of rubbish', { idToken: () => 'a.b.c' }, /ID token is not of this login/],
  ])('refuses the login where it %s', async (_, scene, message) => {
    const error = await failureOf(logInWith(scene))
    expect(error).toMatchObject({ code: 'ERR_LOGIN', reason: 'failed' })
    expect(error.message).toMatch(message)
  })
})
