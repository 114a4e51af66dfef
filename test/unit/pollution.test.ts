import { afterEach, describe, expect, it, vi } from 'vitest'
import axios, { type InternalAxiosRequestConfig as Config } from 'axios'
import { fixedToken, TokenManager, toTokenSet } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { browserLogin, deviceLogin, fileStore, terminalLogin } from 'tokenward/cli'
import { createFetch } from 'tokenward/fetch'
import { mcpSession } from 'tokenward/mcp'
import { oauthClient } from 'tokenward/oauth'
import { observeTokens } from 'tokenward/otel'
import { salesforce } from 'tokenward/providers'

const EVIL = 'http://evil.example'
const AUTH = 'https://auth.example.com'
const polluted = Object.prototype as unknown as Record<string, unknown>

/** As a careless merge of a request's body does it. */
function pollute(name: string, value: unknown): void {
  polluted[name] = value
}

afterEach(() => {
  for (const name of Object.keys(polluted)) Reflect.deleteProperty(polluted, name)
})

describe('what somebody has put on all objects', () => {
  it('binds no token to an origin', () => {
    pollute('origins', [EVIL])
    const message = /`Object.prototype.origins` is set/
    expect(() => attachTokens(axios.create(), fixedToken('token'))).toThrow(message)
    expect(() => createFetch(fixedToken('token'), {} as never)).toThrow(message)
  })

  it('lets no refresh token go over plain http', () => {
    pollute('allowInsecureRequests', [EVIL])
    const make = () => oauthClient({ issuer: 'https://auth.example.com', clientId: 'client' })
    expect(make).toThrow(/`Object.prototype.allowInsecureRequests` is set/)
  })

  it.each<[string, unknown]>([
    ['domain', 'evil.example'],
    ['endpoint', `${EVIL}/t`],
    ['tokenRequest', { endpoint: `${EVIL}/t` }],
    ['pkce', false],
    ['device_authorization_endpoint', `${EVIL}/d`],
  ])('is no part of a server that is described: %s', (name, value) => {
    pollute(name, value)
    const make = () => oauthClient({ provider: salesforce(), clientId: 'client' })
    expect(make).toThrow(`\`Object.prototype.${name}\` is set`)
  })

  it('may be a function, which an old library has put there', () => {
    pollute('each', () => undefined)
    expect(() => oauthClient({ provider: salesforce(), clientId: 'client' })).not.toThrow()
  })

  it.each<[string, unknown]>([
    ['endpoint', 'https://evil.example/t'],
    ['method', 'GET'],
    ['tokenRequest', { endpoint: 'https://evil.example/t' }],
    ['codeRequest', { endpoint: 'https://evil.example/t' }],
    ['refreshRequest', { endpoint: 'https://evil.example/t' }],
    ['revocationRequest', { endpoint: 'https://evil.example/t' }],
    ['authorizationRequest', { parameters: { redirect_uri: EVIL } }],
    ['parameters', { redirect_uri: EVIL }],
    ['parameterNames', { refresh_token: 'q' }],
    ['omit', ['code_challenge', 'state']],
    ['pkce', false],
    ['device_authorization_endpoint', 'https://evil.example/d'],
    ['revocation_endpoint', 'https://evil.example/r'],
  ])('later on, is no part of a request: %s', async (name, value) => {
    for (const server of [{ provider: salesforce() }, { tokenEndpoint: `${AUTH}/token` }]) {
      const act = await requestsAt(server)
      const before = await act('state-1')
      expect(before.length).toBeGreaterThan(2)
      pollute(name, value)
      const [url, ...requests] = await act('state-2')
      expect(requests).toEqual(before.slice(1))
      expect([before[0], undefined]).toContain(url) // or it is refused, as an option
      Reflect.deleteProperty(polluted, name)
    }
  })

  /** A login, a refresh and a logout: where they lead, but for what is random. */
  async function requestsAt(server: object) {
    const sent: string[] = []
    const oauth = oauthClient({
      ...(server as { tokenEndpoint: string }),
      clientId: 'client',
      redirectUri: `${AUTH}/`,
      fetch: async (url, { method, body }) => {
        sent.push(`${method} ${url} ${body}`)
        return Response.json({ access_token: 'a', token_type: 'bearer' })
      },
    })
    const { issuer } = await oauth.discover()
    const context = { tokens: toTokenSet({ access_token: 'a', refresh_token: 'r' }), signal: new AbortController().signal } // prettier-ignore
    const none = () => undefined // it has no such endpoint
    return async (state: string) => {
      const begun = await oauth.authorizationRequest().catch(none)
      const url = begun?.url.replace(/(state|challenge)=[\w-]{43}/g, '$1=random')
      const request = { url: AUTH, redirectUri: `${AUTH}/`, state, codeVerifier: 'v', issuer }
      await oauth.authorizationCode(`code=c&state=${state}`, request)
      await oauth.refreshToken()({ refreshToken: 'r', ...context })
      await oauth.revoke()(context).catch(none)
      await oauth.deviceAuthorization().catch(none)
      return [url, ...sent.splice(0)]
    }
  }

  it.each(['extra', 'variables'])('later on, is not kept with the tokens: %s', async (name) => {
    const fetch = async () => Response.json({ access_token: 'a' })
    const provider = salesforce()
    const oauth = oauthClient({ provider, clientId: 'client', clientSecret: 'secret', fetch })
    const { signal } = new AbortController()
    const tokens = toTokenSet({ access_token: 'a', refresh_token: 'r' })
    pollute(name, { instance_url: EVIL })
    pollute('instance_url', EVIL)
    for (const grant of [oauth.refreshToken(), oauth.clientCredentials()]) {
      const received = await grant({ refreshToken: 'r', tokens, signal })
      expect(Object.hasOwn(received, 'extra')).toBe(false)
    }
  })

  it.each([
    [
      'header',
      'X-Log',
      () => createFetch(fixedToken('token'), { origins: ['https://api.example.com'] }),
    ],
    ['store', {}, () => new TokenManager({ refresh: () => Promise.reject(new Error('no')) })],
    ['app', 'other', () => fileStore({ path: '/tmp/tokenward/session.json' })],
    ['redirectUri', `${EVIL}/cb`, () => mcpSession({ url: 'https://mcp.example.com' })],
    ['withResource', true, () => observeTokens()],
  ])('is no option: %s', (name, value, make) => {
    pollute(name, value)
    expect(make).toThrow(`\`Object.prototype.${name}\` is set`)
  })

  it('is no source of tokens for a request, nor its absence', async () => {
    const sent: (string | null)[] = []
    const send = async (input: unknown, init?: RequestInit) => {
      sent.push(new Request(input as string, init).headers.get('authorization'))
      return new Response('{}')
    }
    const origins = ['https://api.example.com']
    const fetch = createFetch(fixedToken('own'), {
      origins,
      fetch: send as typeof globalThis.fetch,
    })
    const api = attachTokens(
      axios.create({ baseURL: origins[0], adapter: 'fetch', env: { fetch: send } } as never),
      fixedToken('own'),
    )
    for (const planted of [fixedToken('planted'), false]) {
      pollute('tokens', planted)
      await fetch(`${origins[0]}/me`, {})
      await api.get('/me')
    }
    expect(sent).toEqual(Array(4).fill('Bearer own'))
  })

  it.each<[string, object]>([
    ['as it is', {}],
    ['made repeatable', { paramsSerializer: { serialize: String } }],
  ])('is no part of a request that an axios adapter sends, %s', async (_, options) => {
    const beforeRedirect = vi.fn()
    const planted = { proxy: { host: 'evil.example' }, transport: {}, beforeRedirect }
    const sent: Config[] = []
    const tokens: unknown[] = []
    const adapter = (config: Config) => {
      sent.push(config)
      tokens.push(config.headers.get('authorization'))
      return Promise.resolve({ data: '', status: 200, statusText: '', headers: {}, config })
    }
    const api = attachTokens(axios.create({ baseURL: AUTH, adapter }), fixedToken('token'))
    for (const [name, value] of Object.entries(planted)) pollute(name, value)
    await api.get('/me', options)
    expect(tokens).toEqual(['Bearer token'])
    expect([sent[0]!.proxy, sent[0]!.transport]).toEqual([undefined, undefined])
    const hook = sent[0]!.beforeRedirect as unknown as (options: object) => void
    hook({ headers: {}, href: `${AUTH}/me` })
    expect(beforeRedirect).not.toHaveBeenCalled()
  })

  // The code of a login would be waited for on every network of the machine.
  it.each([
    ['browserLogin', 'listen', { host: '0.0.0.0' }, browserLogin],
    ['terminalLogin', 'listen', { host: '0.0.0.0' }, terminalLogin],
    ['deviceLogin', 'timeoutMs', 1, deviceLogin],
  ])('is no option of a login: %s, %s', async (owner, name, value, logIn) => {
    pollute(name, value)
    const login = logIn({ client: {}, onUrl() {}, onCode() {} } as never)
    await expect(login).rejects.toThrow(`${owner}: \`Object.prototype.${name}\` is set`)
  })

  it.each(['{"access_token":"a"}', 'access_token=a'])(
    'is no part of the response %s',
    async (body) => {
      const fetch = () => Promise.resolve(new Response(body))
      const oauth = oauthClient({
        tokenEndpoint: 'https://auth.example.com/token',
        clientId: 'client',
        fetch,
      })
      const grant = oauth.refreshToken()
      const tokens = toTokenSet({ access_token: 'old' })
      pollute('refresh_token', 'planted')
      pollute('id_token', 'planted')
      const renewed = await grant({
        refreshToken: 'r',
        tokens,
        signal: new AbortController().signal,
      })
      expect(JSON.stringify(renewed)).not.toContain('planted')
    },
  )
})
