import { afterEach, describe, expect, it } from 'vitest'
import axios from 'axios'
import { fixedToken, TokenManager, toTokenSet } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { browserLogin, deviceLogin, fileStore, terminalLogin } from 'tokenward/cli'
import { createFetch } from 'tokenward/fetch'
import { mcpSession } from 'tokenward/mcp'
import { oauthClient } from 'tokenward/oauth'
import { observeTokens } from 'tokenward/otel'

const EVIL = 'http://evil.example'
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
