import { exportJWK, generateKeyPair, importJWK, jwtVerify, type JWK } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { LoginRequiredError, RefreshUnavailableError, TokenOptionsError } from 'tokenward'
import { oauthClient, type ClientOptions } from 'tokenward/oauth'
import {
  acquireContext,
  decodePart,
  failureOf,
  json,
  METADATA,
  refreshContext,
  shownBy,
  stubFetch,
  TOKENS,
} from './support.js'

const SECRET = 'a secret of 32 characters or more'

function clientWith(options: Partial<ClientOptions>) {
  const { fetch, sent, form } = stubFetch(() => json(TOKENS))
  const oauth = oauthClient({ metadata: METADATA, clientId: 'app', fetch, ...options })
  const request = () => oauth.clientCredentials()(acquireContext())
  return { oauth, sent, form, request }
}

const assertionOf = (form: URLSearchParams) => form.get('client_assertion')!

/** Made once: those of RSA take a while. */
const pairs = new Map<string, ReturnType<typeof generateKeyPair>>()

async function jwkPair(alg: string) {
  const made = pairs.get(alg) ?? generateKeyPair(alg, { extractable: true })
  pairs.set(alg, made)
  const pair = await made
  const jwk = await exportJWK(pair.privateKey)
  return { ...pair, jwk: jwk }
}

describe('private_key_jwt', () => {
  it.each(['beside the key', 'of the JWK'])(
    'puts the digest of the certificate into the header (Entra): %s',
    async (where) => {
      const { privateKey, jwk } = await jwkPair('ES256')
      const digest = { 'x5t#S256': 'dGVzdA' }
      const clientKey =
        where === 'of the JWK' ? { ...jwk, ...digest } : { key: privateKey, header: digest }
      const { form, request } = clientWith({ clientKey: clientKey })
      await request()
      expect(decodePart(assertionOf(form()), 0)).toEqual({ alg: 'ES256', 'x5t#S256': 'dGVzdA' })
    },
  )

  it.each([{ alg: 'none' }, { kid: 'x' }, { x5t: 7 }, 'x'])(
    'refuses a header that is not for the client to set, or is none: %j',
    async (header) => {
      const { privateKey } = await jwkPair('ES256')
      const clientKey = { key: privateKey, header } as ClientOptions['clientKey']
      expect(() => clientWith({ clientKey })).toThrow(/`clientKey` has a `header` that /)
    },
  )

  it('signs a fresh, short assertion for the issuer at every attempt', async () => {
    const { privateKey, publicKey } = await jwkPair('ES256')
    const { form, request } = clientWith({ clientKey: { key: privateKey, kid: 'k1' } })
    await request()
    await request()

    expect(form().get('client_id')).toBe('app')
    expect(form().get('client_assertion_type')).toBe(
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    )
    const first = await jwtVerify(assertionOf(form()), publicKey, { audience: METADATA.issuer })
    const second = await jwtVerify(assertionOf(form(1)), publicKey)
    expect(first.protectedHeader).toEqual({ alg: 'ES256', kid: 'k1' })
    expect(first.payload).toMatchObject({ iss: 'app', sub: 'app' })
    expect(first.payload.exp! - first.payload.iat!).toBe(60)
    expect(first.payload.jti).not.toBe(second.payload.jti)
  })

  it.each<[string, object, string]>([
    ['ES256', {}, 'ES256'],
    ['ES384', {}, 'ES384'],
    ['ES512', {}, 'ES512'],
    ['RS256', {}, 'RS256'],
    ['RS256', { alg: 'RS512' }, 'RS512'],
    ['RS256', { alg: 'PS256' }, 'PS256'],
    ['Ed25519', {}, 'Ed25519'],
    ['Ed25519', { alg: 'EdDSA' }, 'EdDSA'],
  ])('takes a private JWK of %s %j', async (generated, extra, alg) => {
    const { jwk, publicKey } = await jwkPair(generated)
    const clientKey = { ...jwk, kid: 'k1', use: 'sig', key_ops: ['sign'], ...extra }
    const { form, request } = clientWith({ clientKey })
    await request()
    expect(decodePart(assertionOf(form()), 0)).toEqual({ alg, kid: 'k1' })
    const key = alg === generated ? publicKey : await importJWK(await exportJWK(publicKey), alg)
    await expect(jwtVerify(assertionOf(form()), key)).resolves.toBeDefined()
  })

  it('takes a CryptoKey, without a kid', async () => {
    const { privateKey } = await jwkPair('PS256')
    const { form, request } = clientWith({ clientKey: privateKey, clientAuth: 'private_key_jwt' })
    await request()
    expect(decodePart(assertionOf(form()), 0)).toEqual({ alg: 'PS256' })
  })

  it('asks a function at each use, so that keys can be rotated', async () => {
    const { jwk } = await jwkPair('ES256')
    let kid = 0
    const { form, request } = clientWith({
      clientKey: async () => ({ ...jwk, kid: `k${(kid += 1)}` }),
    })
    await request()
    await request()
    expect(decodePart(assertionOf(form(1)), 0)).toMatchObject({ kid: 'k2' })
  })
})

describe('client_secret_jwt', () => {
  it('signs a fresh assertion with the secret, and does not send it', async () => {
    const { sent, form, request } = clientWith({
      clientSecret: SECRET,
      clientAuth: 'client_secret_jwt',
    })
    await request()
    await request()
    const key = new TextEncoder().encode(SECRET)
    const first = await jwtVerify(assertionOf(form()), key, { audience: METADATA.issuer })
    const second = await jwtVerify(assertionOf(form(1)), key)
    expect(first.protectedHeader.alg).toBe('HS256')
    expect(first.payload.jti).not.toBe(second.payload.jti)
    expect(JSON.stringify(sent)).not.toContain(SECRET.replaceAll(' ', '+'))
  })
})

describe('a secret that is a function', () => {
  it('is asked at each use', async () => {
    let asked = 0
    const { form, request } = clientWith({
      clientSecret: () => `secret number ${(asked += 1)}`,
      clientAuth: 'client_secret_post',
    })
    await request()
    await request()
    expect([form(), form(1)].map((each) => each.get('client_secret'))).toEqual([
      'secret number 1',
      'secret number 2',
    ])
  })

  it('that fails is unavailability, and nothing was sent', async () => {
    const { sent, request } = clientWith({
      clientSecret: () => Promise.reject(new Error(`vault is sealed: client_secret=${SECRET}`)),
    })
    const error = await failureOf(request())
    expect(error).toBeInstanceOf(RefreshUnavailableError)
    expect(error).toMatchObject({ outcome: 'not-sent' })
    expect((error.cause as Error).message).toContain('vault is sealed')
    expect(sent).toEqual([])
  })

  it('that hangs does not keep a caller that aborts', async () => {
    const { oauth, sent } = clientWith({ clientSecret: () => new Promise<string>(() => {}) })
    const controller = new AbortController()
    const failed = failureOf(oauth.clientCredentials()(acquireContext(controller.signal)))
    await vi.waitFor(() => undefined)
    controller.abort()
    expect(await failed).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'not-sent' })
    expect(sent).toEqual([])
  })

  it('is taken at its word where it throws ours', async () => {
    const mine = new LoginRequiredError()
    const { request } = clientWith({ clientSecret: () => Promise.reject(mine) })
    expect(await failureOf(request())).toBe(mine)
  })

  it.each([undefined, '', 7, 'a\ud800'])('must give a secret, not %j', async (given) => {
    const { sent, request } = clientWith({ clientSecret: () => given as string })
    const error = await failureOf(request())
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error.message).toMatch(/`clientSecret` is a function, and its result must be /)
    expect(sent).toEqual([])
  })

  it('is not in the error of a server that quotes it', async () => {
    const secret = 'hush hush é'
    const { fetch } = stubFetch(() =>
      json({ error: 'invalid_client', error_description: `not ${secret}` }, { status: 401 }),
    )
    const oauth = oauthClient({
      metadata: METADATA,
      clientId: 'app',
      clientSecret: () => secret,
      fetch,
    })
    const error = await failureOf(oauth.refreshToken()(refreshContext()))
    expect(error.errorDescription).toBe('not [redacted]')
    expect(shownBy(error) + shownBy(oauth)).not.toContain('hush')
  })
})

describe('a key of a wrong type', async () => {
  const ec = await jwkPair('ES256')
  const encrypting = await crypto.subtle.generateKey(
    { name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, // prettier-ignore
    true,
    ['encrypt', 'decrypt'],
  )
  const agreeing = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, [
    'deriveBits',
  ])
  const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])
  const unknownKind = Object.create(CryptoKey.prototype, {
    type: { value: 'private' },
    usages: { value: ['sign'] },
    algorithm: { value: { name: 'Ed448' } },
  }) as CryptoKey
  const publicJwk = await exportJWK(ec.publicKey)

  const bad: [string, unknown, RegExp][] = [
    ['a text (PEM)', '-----BEGIN PRIVATE KEY-----', /a private CryptoKey, .* got another string/],
    ['null', null, /must be a private CryptoKey.* got null/],
    [
      'an empty object',
      {},
      /must be a private CryptoKey, { key, kid } or a private JWK, got an object/,
    ],
    ['a public CryptoKey', ec.publicKey, /got a public CryptoKey/],
    ['a public CryptoKey with a kid', { key: ec.publicKey, kid: 'k' }, /got a public CryptoKey/],
    ['a symmetric CryptoKey', hmac, /got a secret CryptoKey/],
    [
      'a CryptoKey that cannot sign',
      encrypting.privateKey,
      /must be a key that may be used to sign/,
    ],
    ['a CryptoKey to agree with', agreeing.privateKey, /must be a key that may be used to sign/],
    ['a CryptoKey of a kind unknown', unknownKind, /Ed25519 or ML-DSA, got one of Ed448/],
    [
      'an empty kid',
      { key: ec.privateKey, kid: '' },
      /has a `kid` that must be a non-empty string/,
    ],
    ['a public JWK', publicJwk, /got a public JWK/],
    ['a symmetric JWK', { kty: 'oct', k: 'aGk' }, /got a symmetric JWK/],
    ['a JWK of a curve unknown', { kty: 'EC', crv: 'P-1', d: 'a' }, /a JWK of RSA, EC/],
    ['a JWK of a kind unknown', { kty: 'XX', d: 'a' }, /a JWK of RSA, EC/],
    ['a JWK to encrypt with', { kty: 'RSA', alg: 'RSA-OAEP', d: 'a' }, /a JWK of RSA, EC/],
  ]

  it.each(bad)('is refused when the client is made: %s', (_, clientKey, message) => {
    const make = () => clientWith({ clientKey: clientKey as JWK })
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
  })

  it.each(bad)('is refused when its function gives it: %s', async (_, clientKey, message) => {
    const { sent, request } = clientWith({ clientKey: () => clientKey as JWK })
    const error = await failureOf(request())
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error.message).toMatch(message)
    expect(sent).toEqual([])
  })

  it('is refused at the first use where only Web Crypto can tell', async () => {
    const clientKey = { ...ec.jwk, d: 'not a number' }
    const { oauth, sent, request } = clientWith({ clientKey })
    const error = await failureOf(request())
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error.message).toContain('must be a key that Web Crypto can import')
    expect(shownBy(error) + shownBy(oauth)).not.toContain('not a number')
    expect(sent).toEqual([])
  })

  it('is refused where it is too short to sign with', async () => {
    const { privateKey } = await crypto.subtle.generateKey(
      { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, // prettier-ignore
      true,
      ['sign', 'verify'],
    )
    const { sent, request } = clientWith({ clientKey: privateKey })
    const error = await failureOf(request())
    expect(error).toBeInstanceOf(TokenOptionsError)
    expect(error.message).toContain('cannot be used to authenticate')
    expect(sent).toEqual([])
  })
})

describe('credentials and the method', () => {
  it.each<[object, RegExp]>([
    [{ clientAuth: 'private_key_jwt' }, /`clientKey` must be a private key .* got undefined/],
    [{ clientAuth: 'client_secret_jwt' }, /`clientSecret` must be a string .* got undefined/],
    [{ clientAuth: 'private_key_jwt', clientKey: () => ({}), clientSecret: SECRET }, /sends no secret/], // prettier-ignore
    [{ clientKey: () => ({}), clientSecret: SECRET }, /'private_key_jwt', which sends no secret/],
    [{ clientAuth: 'client_secret_post', clientSecret: SECRET, clientKey: () => ({}) }, /'client_secret_post', which uses no key, but there is a `clientKey`/], // prettier-ignore
    [{ clientAuth: 'tls_client_auth', clientSecret: SECRET }, /'tls_client_auth', which sends no secret/], // prettier-ignore
    [{ clientAssertion: () => 'x', clientKey: () => ({}) }, /`clientAssertion` and `clientKey` must not both be given/], // prettier-ignore
    [{ clientAssertion: SECRET }, /`clientAssertion` must be a function, got another string/],
    [{ clientAuth: 'client_secret_basic', clientAssertion: () => 'x' }, /`clientSecret` must be a string/], // prettier-ignore
  ])('must fit together: %j', (options, message) => {
    const make = () => oauthClient({ metadata: METADATA, clientId: 'app', ...options }) // prettier-ignore
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
    expect(make).not.toThrow(SECRET)
  })
})
