import axios from 'axios'
import {
  RefreshRejectedError,
  StepUpRequiredError,
  TokenManager,
  tokenErrorOf,
  type TokenSource,
} from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { createFetch } from 'tokenward/fetch'
import { oauthClient } from 'tokenward/oauth'
import { describe, expect, it } from 'vitest'
import { ok, serve, unauthorized, type TestServer } from './support/server.js'
import { FakeSource } from './support/sources.js'

const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
const CHALLENGE = `Bearer error="insufficient_claims", claims="${btoa(CLAIMS)}"`

/** What became of one request: its status, and why a 401 was passed on. */
const clients: [string, (api: TestServer, source: TokenSource) => Promise<[number, unknown]>][] = [
  [
    'axios',
    async (api, source) => {
      const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
      const response = await instance.get('/me', { validateStatus: () => true })
      return [response.status, tokenErrorOf(response)]
    },
  ],
  [
    'fetch',
    async (api, source) => {
      const response = await createFetch(source, { origins: [api.origin] })(`${api.origin}/me`)
      return [response.status, tokenErrorOf(response)]
    },
  ],
]

describe.each(clients)('a claims challenge, by %s', (_name, ask) => {
  it('asks the source for a token with the claims, and sends the request once more', async () => {
    const source = new FakeSource('T1', 'T2')
    const api = await serve(({ authorization }, response) =>
      authorization === 'Bearer T2' ? ok(response) : unauthorized(response, CHALLENGE),
    )
    expect(await ask(api, source)).toEqual([200, undefined])
    expect(source.renewed).toMatchObject([{ claims: CLAIMS }])
  })

  it('is a StepUpRequiredError with the claims where the new token is refused, too', async () => {
    const source = new FakeSource('T1', 'T2')
    const api = await serve((_, response) => unauthorized(response, CHALLENGE))
    const [status, reason] = await ask(api, source)
    expect(status).toBe(401)
    expect(reason).toBeInstanceOf(StepUpRequiredError)
    expect(reason).toMatchObject({ claims: CLAIMS })
    expect(api.seen).toHaveLength(2)
  })

  it('is a StepUpRequiredError with the claims where no token can be had without the user', async () => {
    const source = new FakeSource('T1')
    source.onRefresh = async () => {
      throw new RefreshRejectedError('no other', { error: 'access_denied' })
    }
    const api = await serve((_, response) => unauthorized(response, CHALLENGE))
    const [status, reason] = await ask(api, source)
    expect(status).toBe(401)
    expect(reason).toBeInstanceOf(StepUpRequiredError)
    expect(reason).toMatchObject({ claims: CLAIMS, cause: { error: 'access_denied' } })
    expect(api.seen).toHaveLength(1)
  })

  it('reaches the token endpoint, of one request alone, for all who were refused at once', async () => {
    const forms: Record<string, string>[] = []
    const oauth = oauthClient({
      tokenEndpoint: 'https://auth.example.com/token',
      clientId: 'web',
      fetch: async (_url, { body }) => {
        forms.push(Object.fromEntries(new URLSearchParams(body)))
        return Response.json({ access_token: `T${forms.length + 1}`, expires_in: 3600 })
      },
    })
    const api = await serve(({ authorization }, response) =>
      authorization === 'Bearer T2' ? ok(response) : unauthorized(response, CHALLENGE),
    )
    const initialTokens = { accessToken: 'T1', refreshToken: 'R1', expiresIn: 3600 }
    const refreshing = new TokenManager({ refresh: oauth.refreshToken(), initialTokens })
    const asks = Array.from({ length: 5 }, () => ask(api, refreshing))
    expect(await Promise.all(asks)).toEqual(asks.map(() => [200, undefined]))
    expect(forms).toEqual([
      { grant_type: 'refresh_token', refresh_token: 'R1', client_id: 'web', claims: CLAIMS },
    ])
    await refreshing.refresh()
    expect(forms[1]).not.toHaveProperty('claims')
  })

  it('reaches an `acquire`, too', async () => {
    const asked: (string | undefined)[] = []
    const acquiring = new TokenManager({
      acquire: async ({ claims }) => {
        asked.push(claims)
        return { accessToken: `T${asked.length}`, expiresIn: 3600 }
      },
    })
    const api = await serve(({ authorization }, response) =>
      authorization === 'Bearer T2' ? ok(response) : unauthorized(response, CHALLENGE),
    )
    expect(await ask(api, acquiring)).toEqual([200, undefined])
    expect(asked).toEqual([undefined, CLAIMS])
  })

  it('that only the user can meet is told with the claims, and the session goes on', async () => {
    const tokens = new TokenManager({
      initialTokens: { accessToken: 'T1', refreshToken: 'R1', expiresIn: 3600 },
      refresh: async () => {
        throw Object.assign(new Error('no'), { error: 'interaction_required', status: 400 })
      },
    })
    const api = await serve((_, response) => unauthorized(response, CHALLENGE))
    const [status, reason] = await ask(api, tokens)
    expect([status, reason]).toMatchObject([401, { code: 'ERR_STEP_UP_REQUIRED', claims: CLAIMS }])
    expect(await tokens.getTokens()).toMatchObject({ refreshToken: 'R1' })
  })
})
