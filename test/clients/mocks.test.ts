import axios from 'axios'
import MockAdapter from 'axios-mock-adapter'
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'
import nock from 'nock'
import { TokenManager } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { createFetch } from 'tokenward/fetch'
import { fetch as undiciFetch, MockAgent } from 'undici'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'

const API = 'https://api.example.com'

/** A session whose first token the mocks below refuse. */
function session(accessToken = 'T1'): TokenManager {
  const tokens = new TokenManager({
    initialTokens: { accessToken, refreshToken: 'R1', expiresIn: 3600 },
    refresh: async () => ({ accessToken: 'T2', refreshToken: 'R2', expiresIn: 3600 }),
  })
  onTestFinished(() => tokens.close())
  return tokens
}

type Ask = (tokens: TokenManager) => Promise<unknown>

const withAxios: Ask = async (tokens) => {
  const api = attachTokens(axios.create({ baseURL: API }), tokens)
  return (await api.get<unknown>('/me')).data
}
const withFetch: Ask = async (tokens) =>
  (await createFetch(tokens, { origins: [API] })(`${API}/me`)).json()

const clients: [string, Ask][] = [
  ['axios', withAxios],
  ['fetch', withFetch],
]

describe.each(clients)('matchers on Authorization see the token that is sent, by %s', (_, ask) => {
  afterEach(() => (nock.cleanAll(), nock.restore()))

  it('of nock', async () => {
    if (!nock.isActive()) nock.activate()
    const mock = nock(API)
    mock.get('/me').matchHeader('authorization', 'Bearer T1').reply(401)
    mock.get('/me').matchHeader('authorization', 'Bearer T2').reply(200, { sub: 'alice' })
    expect(await ask(session())).toEqual({ sub: 'alice' })
    expect(mock.isDone()).toBe(true)
  })

  it('of msw', async () => {
    const seen: (string | null)[] = []
    const network = setupServer(
      http.get(`${API}/me`, ({ request }) => {
        const authorization = request.headers.get('authorization')
        seen.push(authorization)
        return authorization === 'Bearer T2'
          ? HttpResponse.json({ sub: 'alice' })
          : new HttpResponse(null, { status: 401 })
      }),
    )
    network.listen({ onUnhandledRequest: 'error' })
    onTestFinished(() => network.close())
    expect(await ask(session())).toEqual({ sub: 'alice' })
    expect(seen).toEqual(['Bearer T1', 'Bearer T2'])
  })
})

it('undici’s MockAgent sees the token in its matcher', async () => {
  const agent = new MockAgent()
  agent.disableNetConnect()
  onTestFinished(() => agent.close())
  const mock = agent.get(API)
  const path = '/me'
  mock.intercept({ path, headers: { authorization: 'Bearer T1' } }).reply(401)
  mock.intercept({ path, headers: { authorization: 'Bearer T2' } }).reply(200, { sub: 'alice' })
  const api = createFetch(session(), { origins: [API], fetch: undiciFetch })
  const response = await api(`${API}/me`, { dispatcher: agent } as RequestInit)
  expect(await response.json()).toEqual({ sub: 'alice' })
  agent.assertNoPendingInterceptors()
})

/** Matches headers by this one alone: the mock compares all of them otherwise. */
function bearing(token: string) {
  const asymmetricMatch = (headers: Record<string, unknown>) =>
    headers.Authorization === `Bearer ${token}`
  return { asymmetricMatch }
}

describe('axios-mock-adapter', () => {
  it.each([
    ['before', true],
    ['after', false],
  ])('made %s the tokens are attached, sees the token in its matchers', async (_, isFirst) => {
    const api = axios.create({ baseURL: API })
    if (!isFirst) attachTokens(api, session())
    const mock = new MockAdapter(api as never)
    if (isFirst) attachTokens(api, session())
    mock.onGet('/me', { headers: bearing('T1') }).reply(401)
    mock.onGet('/me', { headers: bearing('T2') }).reply(200, { sub: 'alice' })
    expect((await api.get<unknown>('/me')).data).toEqual({ sub: 'alice' })
  })

  it('shows in its history whose each request was, and no token', async () => {
    const api = attachTokens(axios.create({ baseURL: API }))
    const mock = new MockAdapter(api as never)
    mock.onGet('/me').reply(200)
    const [alice, bob] = [session('token-of-alice'), session('token-of-bob')]
    for (const tokens of [alice, bob, alice]) await api.get('/me', { tokens })
    const shown = mock.history.get.map(({ headers }) => String(headers?.Authorization))
    expect(shown.every((header) => header.startsWith('tokenward-session '))).toBe(true)
    expect(shown[0]).toBe(shown[2])
    expect(shown[0]).not.toBe(shown[1])
    expect(JSON.stringify(mock.history)).not.toContain('token-of-')
  })
})
