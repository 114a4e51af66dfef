import { TokenManager, type DpopClaims, type DpopKey } from 'tokenward'
import {
  dpopSigner,
  generateDpopKey,
  oauthClient,
  type DpopAlgorithm,
  type DpopOptions,
  type OAuthClientOptions,
} from 'tokenward/oauth'
import { decodeJwt } from 'jose'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { hashOf, JWK, readProof } from '../http/support/dpop.js'
import {
  acquireContext,
  failureOf,
  FULL_METADATA,
  ISSUER,
  json,
  refreshContext,
  stubFetch,
  TOKEN_ENDPOINT,
  TOKENS,
  type Sent,
} from './support.js'

const DPOP_TOKENS = { ...TOKENS, token_type: 'DPoP' }
const CLIENT = { tokenEndpoint: TOKEN_ENDPOINT, clientId: 'c', clientSecret: 's' }
const CLAIMS: DpopClaims = {
  method: 'GET',
  url: 'https://api.test/a?b=c#d',
  issuedAt: 1_700_000_000,
  accessToken: 'AT',
}
const ALGORITHMS: DpopAlgorithm[] = ['ES256', 'ES384', 'ES512', 'Ed25519', 'PS256', 'RS256']

const proofsOf = (sent: Sent[]) => Promise.all(sent.map(({ headers }) => readProof(headers.dpop)))
const nonceWanted = (nonce?: string, status = 400) =>
  json({ error: 'use_dpop_nonce' }, { status, headers: nonce ? { 'dpop-nonce': nonce } : {} })
const boundContext = (dpopKey: DpopKey = JWK) => {
  const context = refreshContext()
  return { ...context, tokens: { ...context.tokens, tokenType: 'DPoP', dpopKey } }
}

/** A client whose requests are answered in turn, then with tokens. */
function client(answers: (() => Response)[] = [], options: Partial<OAuthClientOptions> = {}) {
  const { fetch, sent } = stubFetch(() => answers.shift()?.() ?? json(DPOP_TOKENS))
  return { oauth: oauthClient({ ...CLIENT, ...options, fetch } as OAuthClientOptions), sent }
}

describe('a new key', () => {
  it.each(ALGORITHMS)('of %s is a private JWK, and signs', async (algorithm) => {
    const key = await generateDpopKey({ algorithm })
    expect(key).toMatchObject({ alg: algorithm, d: expect.any(String) })
    const stored = JSON.parse(JSON.stringify(key)) as DpopKey
    const proof = await readProof(await dpopSigner(stored, CLAIMS))
    expect(proof).toMatchObject({ alg: algorithm, htm: 'GET', htu: 'https://api.test/a' })
  })

  it('is of ES256 by default, and another each time', async () => {
    const [one, other] = await Promise.all([generateDpopKey(), generateDpopKey({})])
    expect(one).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256' })
    expect(one).not.toEqual(other)
  })

  it.each([
    [{ algorithm: 'HS256' }, 'another string'],
    [{ algorithm: 1 }, '1'],
    [{ alg: 'ES256' }, 'an unknown `alg`'],
    ['ES256', 'another string'],
    [null, 'null'],
  ])('%j is no option: generateDpopKey and oauthClient say what is wanted', async (given, said) => {
    const options = given as DpopOptions
    const error = await failureOf(generateDpopKey(options))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
    expect(error.message).toContain(`ES256, ES384, ES512, Ed25519, PS256, RS256, got ${said}`)
    expect(() => oauthClient({ ...CLIENT, dpop: options })).toThrow(
      /oauthClient: `dpop` must be true, or/,
    )
  })
})

describe('a proof', () => {
  it('says what it was told to say, and has an id of its own', async () => {
    const claims = { ...CLAIMS, nonce: 'N' }
    const [one, other] = await Promise.all([dpopSigner(JWK, claims), dpopSigner(JWK, claims)])
    expect(await readProof(one)).toMatchObject({
      htm: 'GET',
      htu: 'https://api.test/a',
      iat: 1_700_000_000,
      ath: hashOf('AT'),
      nonce: 'N',
    })
    expect(decodeJwt(one).jti).not.toBe(decodeJwt(other).jti)
  })

  it('is signed without reading the key each time', async () => {
    const importKey = vi.spyOn(crypto.subtle, 'importKey')
    const key = await generateDpopKey()
    for (let count = 0; count < 3; count++) await dpopSigner(key, CLAIMS)
    expect(importKey).toHaveBeenCalledTimes(2) // its private and its public half
  })

  it('can be signed by a key that cannot be exported', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
    expect(await readProof(await dpopSigner(pair, CLAIMS))).toMatchObject({ alg: 'ES256' })
  })

  it.each([{ kty: 'oct', k: 'secret-secret' }, undefined])(
    'cannot be signed by %j',
    async (key) => {
      const error = await failureOf(dpopSigner(key as never, CLAIMS))
      expect(error).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
    },
  )
})

describe('a token request of a session with a key', () => {
  it('has a proof without a token, and its tokens have the same key', async () => {
    const { oauth, sent } = client()
    const tokens = await oauth.refreshToken()(boundContext())
    expect(tokens).toMatchObject({ tokenType: 'DPoP', dpopKey: JWK })
    const [proof] = await proofsOf(sent)
    expect(proof).toMatchObject({ htm: 'POST', htu: TOKEN_ENDPOINT, jwk: { x: JWK.x, y: JWK.y } })
    expect(proof).not.toHaveProperty('ath')
    expect(proof).not.toHaveProperty('nonce')
  })

  it('is sent again, once and all anew, where the server wants its nonce', async () => {
    const { privateKey } = await crypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign', 'verify'],
    )
    const answers = [
      () => nonceWanted('N1'),
      () => json(DPOP_TOKENS, { headers: { 'dpop-nonce': 'N2' } }),
    ]
    const keyed = { clientSecret: undefined, clientKey: privateKey }
    const { oauth, sent } = client(answers, keyed)
    const refresh = oauth.refreshToken()
    await refresh(boundContext())
    await refresh(boundContext())
    const proofs = await proofsOf(sent)
    expect(proofs.map(({ nonce }) => nonce)).toEqual([undefined, 'N1', 'N2'])
    const assertions = sent.map(({ body }) => new URLSearchParams(body).get('client_assertion')!)
    expect(new Set(assertions.map((assertion) => decodeJwt(assertion).jti)).size).toBe(3)
  })

  it.each([
    ['again and again', () => nonceWanted('N'), 2],
    ['and gives none', () => nonceWanted(), 1],
    ['with 401', () => nonceWanted('N', 401), 2],
  ])('is refused for good where the server wants a nonce %s', async (_name, answer, count) => {
    const { oauth, sent } = client([answer, answer, answer])
    const error = await failureOf(oauth.refreshToken()(boundContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED', error: 'use_dpop_nonce' })
    expect(sent).toHaveLength(count)
  })

  it("goes by the server's clock where that refused the proof", async () => {
    const date = new Date(Date.now() - 3600_000).toUTCString()
    const { oauth, sent } = client([
      () => json({ error: 'invalid_dpop_proof' }, { status: 400, headers: { date } }),
    ])
    await oauth.refreshToken()(boundContext())
    const [first, second] = await proofsOf(sent)
    expect(second!.iat - first!.iat).toBeCloseTo(-3600, -1)
  })

  it.each([
    ['a page', () => new Response('<html>', { status: 400 })],
    ['an error that is no text', () => json({ error: 1 }, { status: 400 })],
  ])('is judged as ever where the refusal is %s', async (_name, answer) => {
    const { oauth, sent } = client([answer])
    const error = await failureOf(oauth.refreshToken()(boundContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED', status: 400 })
    expect(sent).toHaveLength(1)
  })

  it('whose refusal is cut short has an unknown outcome', async () => {
    const cut = () =>
      Object.assign(new Response(null, { status: 400 }), {
        text: () => Promise.reject(new Error('reset')),
      })
    const error = await failureOf(client([cut]).oauth.refreshToken()(boundContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'unknown' })
  })

  it('refuses an answer of type Bearer (RFC 9449 §5)', async () => {
    const { oauth } = client([() => json(TOKENS)])
    const error = await failureOf(oauth.refreshToken()(boundContext()))
    expect(error).toMatchObject({ code: 'ERR_INVALID_TOKEN_RESPONSE' })
    expect(error.message).toContain('A DPoP token was requested')
  })

  it('is not sent where the key does not sign', async () => {
    const { oauth, sent } = client()
    const error = await failureOf(oauth.refreshToken()(boundContext({ ...JWK, x: 'AAAA' })))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
    expect(inspect(error, { depth: 9 })).not.toContain(JWK.d)
    expect(sent).toHaveLength(0)
  })
})

describe('a client with `dpop`', () => {
  it.each([[true], [{}], [{ algorithm: 'ES384' }]])(
    '%j: a session that begins gets a key',
    async (dpop) => {
      const { oauth, sent } = client([], { dpop: dpop as DpopOptions })
      const tokens = await oauth.clientCredentials()(acquireContext())
      const algorithm = (dpop as DpopOptions).algorithm ?? 'ES256'
      expect(tokens).toMatchObject({ tokenType: 'DPoP', dpopKey: { alg: algorithm } })
      expect(await proofsOf(sent)).toMatchObject([{ alg: algorithm }])
    },
  )

  it('makes one key for a login on another device, however often that asks', async () => {
    const pending = () => json({ error: 'authorization_pending' }, { status: 400 })
    const code = { device_code: 'D', user_code: 'U', verification_uri: ISSUER, interval: 0.001 }
    const { oauth, sent } = client([() => json(code), pending, pending], {
      dpop: true,
      tokenEndpoint: undefined,
      metadata: FULL_METADATA,
    })
    const device = await oauth.deviceAuthorization()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const polled = device.poll()
    while (sent.length < 4) {
      await vi.advanceTimersByTimeAsync(1)
      await new Promise((resolve) => setImmediate(resolve)) // keys are made and used elsewhere
    }
    const tokens = await polled
    const keys = (await proofsOf(sent.slice(1))).map(({ jwk }) => (jwk as { x: string }).x)
    expect(keys).toHaveLength(3)
    expect(new Set(keys)).toEqual(new Set([(tokens.dpopKey as { x: string }).x]))
  })

  it('keeps the key of the tokens that are replaced', async () => {
    const { oauth } = client([], { dpop: true })
    const { tokens } = boundContext()
    const context = { ...acquireContext(), tokens }
    expect(await oauth.clientCredentials()(context)).toMatchObject({ dpopKey: JWK })
    expect(await oauth.grant('urn:x:y', { a: 'b' })(context)).toMatchObject({ dpopKey: JWK })
  })

  it('leaves a session without a key as it is', async () => {
    const { oauth, sent } = client([() => json(TOKENS)], { dpop: true })
    expect(await oauth.refreshToken()(refreshContext())).toMatchObject({ tokenType: 'Bearer' })
    expect(sent[0]?.headers).not.toHaveProperty('dpop')
  })
})

describe('a client without it', () => {
  it.each([undefined, false])(
    '%s: makes no key, and keeps a session that has one',
    async (dpop) => {
      const { oauth, sent } = client([() => json(TOKENS)], { dpop })
      await oauth.clientCredentials()(acquireContext())
      expect(sent[0]?.headers).not.toHaveProperty('dpop')
      expect(await oauth.refreshToken()(boundContext())).toMatchObject({ tokenType: 'DPoP' })
    },
  )

  it('refuses a DPoP token that it has no key for', async () => {
    const error = await failureOf(client().oauth.clientCredentials()(acquireContext()))
    expect(error).toMatchObject({ code: 'ERR_INVALID_TOKEN_RESPONSE' })
  })
})

describe('a grant', () => {
  it('brings the signer to its manager', () => {
    const { oauth } = client()
    for (const grant of [oauth.refreshToken(), oauth.clientCredentials(), oauth.grant('x', {})]) {
      expect(grant.dpop).toBe(dpopSigner)
    }
    const refresh = oauth.refreshToken()
    const initialTokens = { accessToken: 'AT', refreshToken: 'RT', dpopKey: JWK }
    const tokens = new TokenManager({ refresh, initialTokens })
    expect(tokens.proverFor('AT')).toBeDefined()
  })
})
