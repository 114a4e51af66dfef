import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { inspect } from 'node:util'
import axios, { type AxiosRequestConfig } from 'axios'
import { TokenManager } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { expect, it, onTestFinished, vi } from 'vitest'

const TOKEN = 'the-access-token-1'
/** Of its own name: `Authorization` is taken away by the client itself. */
const HEADER = 'x-token'
const API = 'http://api.example.test'

/** A company's proxy, or whoever is in its place: it sees what a proxy gets to see. */
async function startProxy(handlers: {
  forward?: (request: IncomingMessage, response: ServerResponse) => void
  /** The response to CONNECT; without it, the tunnel is opened to nobody. */
  tunnel?: string
}) {
  const seen: string[] = []
  const proxy = createServer((request, response) => {
    seen.push(`${request.url} ${String(request.headers[HEADER] ?? 'no token')}`)
    handlers.forward?.(request, response)
  })
  proxy.on('connect', ({ url, headers }: IncomingMessage, client: Socket) => {
    seen.push(`CONNECT ${url} ${JSON.stringify(headers)}`)
    client.on('error', () => undefined)
    client.on('data', (data) => seen.push(data.toString('latin1')))
    client.end(handlers.tunnel ?? 'HTTP/1.1 200 OK\r\n\r\n')
  })
  proxy.listen(0, '127.0.0.1')
  await new Promise((resolve) => proxy.once('listening', resolve))
  onTestFinished(() => void proxy.close().closeAllConnections())
  const { port } = proxy.address() as AddressInfo
  const auth = { username: 'employee', password: 'the-proxy-password' }
  return { seen, option: { host: '127.0.0.1', port, protocol: 'http', auth } }
}

const refresh = vi.fn(async () => ({ access_token: TOKEN, refresh_token: 'r', expires_in: 3_600 }))

function clientOf(config: AxiosRequestConfig) {
  refresh.mockClear()
  const tokens = new TokenManager({ initialTokens: { access_token: TOKEN, refresh_token: 'r', expires_in: 3_600 }, refresh }) // prettier-ignore
  const api = attachTokens(axios.create(config), tokens, {
    header: HEADER,
    format: (token) => token,
  })
  return { api, tokens }
}

const failure = (promise: Promise<unknown>) => promise.then(() => undefined, (thrown: unknown) => thrown) // prettier-ignore

it('of an API over TLS is asked for a tunnel with its own password, and never sees the token', async () => {
  const { seen, option } = await startProxy({})
  const { api } = clientOf({ baseURL: 'https://api.example.test', proxy: option })
  const error = await failure(api.get('/me'))
  expect(error).toBeInstanceOf(Error)
  expect(seen[0]).toMatch(/^CONNECT api\.example\.test:443 .*"proxy-authorization":"Basic /)
  expect(seen.join('\n')).not.toContain(TOKEN)
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(TOKEN)
})

it.each([401, 407, 302])(
  'that refuses a tunnel by %i itself ends no session, and gets no token',
  async (status) => {
    const headers = `HTTP/1.1 ${status} No\r\nlocation: http://evil.example.test/\r\nwww-authenticate: Bearer error="invalid_token"\r\ncontent-length: 0\r\n\r\n`
    const { seen, option } = await startProxy({ tunnel: headers, forward: (_, response) => response.end('{}') }) // prettier-ignore
    const { api, tokens } = clientOf({ baseURL: 'https://api.example.test', proxy: option })
    for (let times = 0; times < 3; times++) await failure(api.get('/me'))
    expect(seen.join('\n')).not.toContain(TOKEN)
    expect(refresh.mock.calls.length).toBeLessThan(2)
    expect(tokens.peek()).toBe(TOKEN)
  },
)

it('of a plain http API that leads elsewhere takes no token there, nor back', async () => {
  const { seen, option } = await startProxy({
    forward(request, response) {
      const location = request.url!.startsWith(API) ? 'http://evil.example.test/' : `${API}/back`
      response.writeHead(seen.length < 3 ? 302 : 200, { location }).end()
    },
  })
  const { api } = clientOf({ baseURL: API, proxy: option })
  await api.get('/me')
  expect(seen).toEqual([
    `${API}/me ${TOKEN}`,
    'http://evil.example.test/ no token',
    `${API}/back no token`,
  ])
})

it('that answers 401 in the place of a plain http API causes one refresh, and ends nothing', async () => {
  const { option } = await startProxy({ forward: (_, response) => response.writeHead(401).end() })
  const { api, tokens } = clientOf({ baseURL: API, proxy: option })
  for (let times = 0; times < 3; times++) expect(await failure(api.get('/me'))).toHaveProperty('response.status', 401) // prettier-ignore
  expect(refresh).toHaveBeenCalledTimes(1)
  expect(tokens.peek()).toBe(TOKEN)
})
