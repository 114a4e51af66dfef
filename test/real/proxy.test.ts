import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { oauthClient } from 'tokenward/oauth'
import { EnvHttpProxyAgent, fetch } from 'undici'
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../support/oidc/authorization-server.js'
import { RESOURCE, SCOPE } from '../support/oidc/provider.js'

let server: AuthorizationServer
beforeEach(async () => void (server = await startAuthorizationServer({ accessTokenTtl: 300 })))
afterEach(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

/** A company's proxy: it tunnels, and remembers where to. */
async function startProxy() {
  const tunnels: string[] = []
  const proxy = createServer()
  proxy.on('connect', ({ url = '' }, client) => {
    tunnels.push(url)
    const [host, port] = url.split(':')
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    for (const socket of [client, target]) socket.on('error', () => socket.destroy())
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close().closeAllConnections())
  return { tunnels, origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
}

// claude-code#91703: the refresh ignores the proxy
it.each([
  ['goes through the proxy of the environment', '', true],
  ['goes around it where NO_PROXY says so', '127.0.0.1', false],
])('a request of the client %s, with the line of the guide', async (_, noProxy, isTunnelled) => {
  const { origin, tunnels } = await startProxy()
  vi.stubEnv('HTTP_PROXY', origin)
  vi.stubEnv('HTTPS_PROXY', origin)
  vi.stubEnv('NO_PROXY', noProxy)

  const dispatcher = new EnvHttpProxyAgent()
  onTestFinished(() => dispatcher.close())
  const client = oauthClient({
    ...server.client,
    fetch: (url, init) => fetch(url, { ...init, dispatcher }),
  })
  const signal = AbortSignal.timeout(10_000)
  const grant = client.clientCredentials({ scope: SCOPE, resource: RESOURCE })
  expect(await grant({ signal })).toHaveProperty('accessToken')
  const { host } = new URL(server.issuer)
  expect(new Set(tunnels)).toEqual(new Set(isTunnelled ? [host] : []))
})
