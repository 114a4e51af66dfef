import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import axios, { type AxiosError, type AxiosRequestConfig } from 'axios'
import {
  NotReplayedError,
  TokenManager,
  TokenOptionsError,
  type DpopSigner,
  type RefreshContext,
  type TokenManagerOptions,
} from 'tokenward'
import { attachTokens, type AttachTokensOptions } from 'tokenward/axios'
import { dpopSigner } from 'tokenward/oauth'
import { describe, expect, it, vi } from 'vitest'
import { meaningOfResponse } from '../../../src/http/rejection.js'
import { hashOf, JWK, proofsOf } from './support/dpop.js'
import { ok, serve, unauthorized, type Seen, type TestServer } from './support/server.js'

const NONCE_WANTED = 'DPoP error="use_dpop_nonce", algs="ES256"'
const TOKEN_REFUSED = 'DPoP error="invalid_token"'

function managed(options: Partial<TokenManagerOptions> = {}) {
  let count = 1
  const refresh = vi.fn((_context: RefreshContext) =>
    Promise.resolve({ accessToken: `T${++count}`, tokenType: 'DPoP', expiresIn: 300 }),
  )
  const initialTokens = { accessToken: 'T1', refreshToken: 'R1', expiresIn: 300, dpopKey: JWK }
  const shared = { dpop: dpopSigner, initialTokens, ...options }
  const tokens = new TokenManager({ refresh, ...shared } as TokenManagerOptions)
  return { tokens, refresh }
}

function attached(
  api: TestServer,
  options: Partial<TokenManagerOptions> = {},
  how: AttachTokensOptions & { adapter?: string } = {},
) {
  const { adapter = 'http', ...attachOptions } = how
  const { tokens, refresh } = managed(options)
  const instance = axios.create({ baseURL: api.origin, adapter })
  return { http: attachTokens(instance, tokens, attachOptions), tokens, refresh }
}

/** Answers in turn: a challenge, with a nonce if there is one; nothing is a success. */
function answering(...answers: { challenge?: string; nonce?: string; date?: string }[]) {
  return serve((_request, response, count) => {
    const { challenge, nonce, date } = answers[count - 1] ?? {}
    if (nonce) response.setHeader('dpop-nonce', nonce)
    if (date) response.setHeader('date', date)
    return challenge ? unauthorized(response, challenge) : ok(response)
  })
}

const failureOf = async (request: Promise<unknown>): Promise<AxiosError> => {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(Error)
  return error as AxiosError
}
const sentTokens = (seen: Seen[]) => seen.map(({ authorization }) => authorization)

describe.each(['http', 'fetch'])(
  'a request with a token that is bound to a key, by %s',
  (adapter) => {
    it('says DPoP, and has a proof for its method, URL and token', async () => {
      const api = await answering()
      const { http } = attached(api, {}, { adapter })
      await http.post('/a b/ü?q=1#f', { x: 1 }, { params: { p: 2 } })
      expect(sentTokens(api.seen)).toEqual(['DPoP T1'])
      const [proof] = await proofsOf(api.seen)
      const { d: _d, alg, ...publicJwk } = JWK
      expect(proof).toMatchObject({
        htm: 'POST',
        htu: `${api.origin}/a%20b/%C3%BC`,
        ath: hashOf('T1'),
        alg,
        jwk: publicJwk,
      })
      expect(proof?.jwk).not.toHaveProperty('d')
      expect(proof).not.toHaveProperty('nonce')
      expect(Math.abs(proof!.iat - Date.now() / 1000)).toBeLessThan(5)
    })

    it('has another proof each time, the replay too, made for the token that goes with it', async () => {
      const api = await answering({}, { challenge: TOKEN_REFUSED })
      const { http, refresh } = attached(api, {}, { adapter })
      await http.get('/me')
      await http.get('/me')
      expect(sentTokens(api.seen)).toEqual(['DPoP T1', 'DPoP T1', 'DPoP T2'])
      const proofs = await proofsOf(api.seen)
      expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(3)
      expect(proofs.map(({ ath }) => ath)).toEqual(['T1', 'T1', 'T2'].map(hashOf))
      expect(refresh).toHaveBeenCalledTimes(1)
      expect(refresh.mock.calls[0]?.[0].tokens.dpopKey).toEqual(JWK)
    })

    it('is proved again with the nonce that the server wants, which is not its replay', async () => {
      const api = await answering(
        { challenge: NONCE_WANTED, nonce: 'N1' },
        { challenge: TOKEN_REFUSED, nonce: 'N2' },
        { challenge: NONCE_WANTED, nonce: 'N3' },
        { nonce: 'N4' },
      )
      const { http, refresh } = attached(api, {}, { adapter })
      expect((await http.post('/me', 'bytes')).status).toBe(200)
      await http.get('/me')
      const proofs = await proofsOf(api.seen)
      expect(proofs.map(({ nonce }) => nonce)).toEqual([undefined, 'N1', 'N2', 'N3', 'N4'])
      expect(sentTokens(api.seen).slice(0, 4)).toEqual(['DPoP T1', 'DPoP T1', 'DPoP T2', 'DPoP T2'])
      expect(api.seen.slice(0, 4).map(({ body }) => String(body))).toEqual(
        Array.from({ length: 4 }, () => 'bytes'),
      )
      expect(refresh).toHaveBeenCalledTimes(1)
    })
  },
)

describe('a server that wants another nonce each time', () => {
  const wanting = () =>
    serve((_request, response, count) => {
      response.setHeader('dpop-nonce', `N${count}`)
      return unauthorized(response, NONCE_WANTED)
    })

  it('is obeyed once: then the 401 goes to the caller, and nothing is renewed', async () => {
    const api = await wanting()
    const { http, refresh } = attached(api)
    const error = await failureOf(http.get('/me'))
    expect(error.status).toBe(401)
    expect(error.cause).toMatchObject({ code: 'ERR_NOT_REPLAYED', reason: 'scope' })
    expect(error.cause).toHaveProperty('message', expect.stringContaining('use_dpop_nonce'))
    expect(api.seen).toHaveLength(2)
    expect(refresh).not.toHaveBeenCalled()
  })

  it('is obeyed where the caller takes a 401 for an answer, too', async () => {
    const api = await wanting()
    const { http } = attached(api)
    const response = await http.get('/me', { validateStatus: () => true })
    expect(response.status).toBe(401)
    expect(api.seen).toHaveLength(2)
  })

  it('cannot be obeyed with a stream, which is told; the next request has the nonce', async () => {
    const api = await wanting()
    const { http } = attached(api)
    const error = await failureOf(http.post('/me', Readable.from(['once']), { maxRedirects: 0 }))
    expect(error.cause).toBeInstanceOf(NotReplayedError)
    expect(error.cause).toMatchObject({ reason: 'body' })
    expect(api.seen).toHaveLength(1)
    await failureOf(http.get('/me'))
    expect((await proofsOf(api.seen)).map(({ nonce }) => nonce)).toEqual([undefined, 'N1', 'N2'])
  })
})

describe('a clock that is off', () => {
  it("is the server's, once that has refused a proof: the request is proved again by it", async () => {
    const now = Math.floor(Date.now() / 1000)
    const date = new Date((now - 3600) * 1000).toUTCString()
    const api = await answering({ challenge: 'DPoP error="invalid_dpop_proof"', date })
    const { http, refresh } = attached(api)
    expect((await http.get('/me')).status).toBe(200)
    const [first, second] = await proofsOf(api.seen)
    expect(second!.iat - first!.iat).toBeCloseTo(-3600, -1)
    expect(refresh).not.toHaveBeenCalled()
  })
})

describe('a login or logout while the server asks for another proof', () => {
  it.each([
    ['logout', (tokens: TokenManager) => tokens.signOut()],
    ['login', (tokens: TokenManager) => tokens.setTokens({ accessToken: 'B1', dpopKey: JWK })],
  ])('a %s: the token is not sent again', async (_name, act) => {
    const api = await serve(async (_request, response) => {
      await act(tokens)
      response.setHeader('dpop-nonce', 'N1')
      unauthorized(response, NONCE_WANTED)
    })
    const { http, tokens } = attached(api)
    const error = await failureOf(http.get('/me'))
    expect(error.cause).toMatchObject({ code: 'ERR_LOGIN_REQUIRED' })
    expect(api.seen).toHaveLength(1)
  })
})

describe('a redirect', () => {
  const redirecting = () =>
    serve((request, response) =>
      request.url === '/to'
        ? ok(response)
        : void response.writeHead(302, { location: '/to' }).end(),
    )

  it('is followed without token and proof, which is for one URL alone', async () => {
    const api = await redirecting()
    const { http } = attached(api)
    expect((await http.get('/from')).status).toBe(200)
    expect(api.seen.map(({ headers }) => [headers.authorization, headers.dpop])).toEqual([
      ['DPoP T1', expect.any(String)],
      [undefined, undefined],
    ])
  })

  it('whose target answers 401 is told, and teaches nothing', async () => {
    const api = await serve((request, response) => {
      if (request.url !== '/to') return void response.writeHead(302, { location: '/to' }).end()
      response.setHeader('dpop-nonce', 'N1')
      unauthorized(response, NONCE_WANTED)
    })
    const { http, refresh } = attached(api)
    const error = await failureOf(http.get('/from'))
    expect(error.cause).toMatchObject({ code: 'ERR_NOT_REPLAYED', reason: 'origin' })
    expect(api.seen).toHaveLength(2)
    expect(refresh).not.toHaveBeenCalled()
  })

  it('is not followed by fetch, which would take the proof along', async () => {
    const api = await redirecting()
    const { http } = attached(api, {}, { adapter: 'fetch' })
    expect((await failureOf(http.get('/from'))).status).toBe(302)
    expect(api.seen).toHaveLength(1)
  })
})

describe('what an instance was told', () => {
  it('the header is kept, the format is the one of DPoP', async () => {
    const api = await answering()
    const { http } = attached(api, {}, { header: 'X-Token', format: (token) => `Bearer ${token}` })
    await http.get('/me')
    expect(api.seen[0]?.headers).toMatchObject({ 'x-token': 'DPoP T1', dpop: expect.any(String) })
    expect(api.seen[0]?.authorization).toBeUndefined()
  })

  it("a caller's own Authorization is left alone, and no proof is made", async () => {
    const api = await answering()
    const { http } = attached(api)
    await http.get('/me', { headers: { authorization: 'Basic x' } })
    expect(api.seen[0]?.headers).not.toHaveProperty('dpop')
  })
})

describe('a signer that fails', () => {
  const failing = async (dpop: DpopSigner) => {
    const api = await answering()
    const error = await failureOf(attached(api, { dpop }).http.get('/me'))
    expect(api.seen).toHaveLength(0)
    expect(error).toBeInstanceOf(TokenOptionsError)
    return error
  }

  it('fails the request before it is sent, without the key in the error', async () => {
    const error = await failing(() => Promise.reject(new Error(`cannot read ${JWK.d}`)))
    expect(error.message).toBe('`dpopKey`: no proof could be signed with it')
    expect(inspect(error, { depth: 9 })).not.toContain(JWK.d)
  })

  it('is told by its own error if it is one of ours', async () => {
    const own = new TokenOptionsError('the vault is closed')
    expect(await failing(() => Promise.reject(own))).toBe(own)
  })

  it.each([undefined, '', 'two\nlines', 1])(
    'must give what can stand in a header: %o',
    async (proof) => {
      const error = await failing(() => Promise.resolve(proof as string))
      expect(error.message).toMatch(/^`dpop` must return a proof/)
    },
  )

  it('is told for a JWK of the right shape that is no key', async () => {
    const dpopKey = { ...JWK, x: 'AAAA' }
    const api = await answering()
    const { http } = attached(api, { initialTokens: { accessToken: 'T1', dpopKey } })
    expect(await failureOf(http.get('/me'))).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
  })
})

describe('a challenge', () => {
  it.each([
    [TOKEN_REFUSED, '{}', '{}'],
    ['DPoP algs="ES256"', '{"otherSchemes":"dpop"}', '{}'],
    ['Bearer error="invalid_token"', '{}', '{}'],
    ['Bearer, DPoP error="invalid_token"', '{}', '{}'],
    ['Basic realm="x"', '{"otherSchemes":"basic"}', '{"otherSchemes":"basic"}'],
    ['DPoP error="invalid_dpop_proof"', '{"otherSchemes":"dpop"}', 'NOT_REPLAYED'],
  ])('%s: %s for a bearer token, %s for one with a proof', (header, bearer, proven) => {
    const shown = (isProven: boolean) => {
      const meaning = meaningOfResponse(401, header, isProven ? ['dpop', 'bearer'] : ['bearer'])
      return meaning && 'code' in meaning
        ? meaning.code.replace('ERR_', '')
        : JSON.stringify(meaning)
    }
    expect([shown(false), shown(true)]).toEqual([bearer, proven])
  })
})

describe('the token and the proof', () => {
  it('are in nothing that the caller gets', async () => {
    const api = await answering({}, { challenge: 'DPoP error="insufficient_scope"' })
    const { http } = attached(api)
    const configs: AxiosRequestConfig[] = []
    http.interceptors.response.use(undefined, (error: AxiosError) => {
      configs.push(error.config!)
      throw error
    })
    const response = await http.get('/me')
    const error = await failureOf(http.get('/me'))
    const proofs = api.seen.map(({ headers }) => String(headers.dpop))
    const deep = { depth: Infinity, showHidden: true, getters: true }
    for (const value of [response, error, configs, JSON.stringify(error), http]) {
      const shown = inspect(value, deep)
      for (const secret of [...proofs, 'DPoP T1', JWK.d]) expect(shown).not.toContain(secret)
    }
  })
})
