import { once } from 'node:events'
import { createServer } from 'node:http'
import { networkInterfaces } from 'node:os'
import type { AddressInfo } from 'node:net'
import { browserLogin, type BrowserLoginOptions } from 'tokenward/cli'
import { TokenOptionsError } from 'tokenward'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask, browser, connection, fakeClient, rejectionOf, STATE, TOKENS } from './support.js'

const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === '::1'),
)

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function occupied(address: string, at = 0): Promise<number> {
  const server = createServer().listen(at, address)
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** The redirect URI that the server is told, letter by letter, and the way back to the login. */
async function begun(options: Partial<BrowserLoginOptions>) {
  const window = browser()
  const client = fakeClient()
  const login = browserLogin({ client, open: window.open, ...options })
  await Promise.race([window.url, login])
  const { redirectUri } = client.authorizationRequest.mock.lastCall![0]!
  return { login, window, redirectUri: redirectUri! }
}

describe('a redirect URI', () => {
  it.each([
    ['http://127.0.0.1/callback', /^http:\/\/127\.0\.0\.1:\d+\/callback$/],
    ['http://127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['http://127.0.0.1/', /^http:\/\/127\.0\.0\.1:\d+\/$/],
    ['http://127.0.0.2/back', /^http:\/\/127\.0\.0\.2:\d+\/back$/],
    ['http://localhost/login/done', /^http:\/\/localhost:\d+\/login\/done$/],
  ])(
    'without a port, %s: it gets one that is free, and nothing else changes',
    async (uri, sent) => {
      const { login, window, redirectUri } = await begun({ redirectUri: uri })
      expect(redirectUri).toMatch(sent)
      await window.comeBack()
      expect(await login).toBe(TOKENS)
    },
  )

  // claude-code#86233, mcpc#269: the server knows `http://localhost:8085/callback` alone
  it.each(['localhost', '127.0.0.1'])('with a port, on %s: it is sent as it is', async (host) => {
    const uri = `http://${host}:${await freePort()}/callback`
    const { login, window, redirectUri } = await begun({ redirectUri: uri })
    expect(redirectUri).toBe(uri)
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })

  it('the first of several whose port is free', async () => {
    const taken = await occupied('127.0.0.1')
    const uris = [taken, await freePort()].map((port) => `http://localhost:${port}/callback`)
    const { login, window, redirectUri } = await begun({ redirectUri: uris })
    expect(redirectUri).toBe(uris[1])
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })

  it('none of several whose port is free: a LoginError names them all', async () => {
    const ports = [await occupied('127.0.0.1'), await occupied('127.0.0.1')]
    const redirectUri = ports.map((port) => `http://127.0.0.1:${port}/`)
    const login = browserLogin({ client: fakeClient(), open: () => {}, redirectUri })
    expect(await rejectionOf(login)).toMatchObject({
      reason: 'port',
      message: `Port ${ports[0]} of 127.0.0.1 is in use; Port ${ports[1]} of 127.0.0.1 is in use: close the other login, or the program that listens there`,
    })
  })

  it.each([
    'https://127.0.0.1/callback',
    'http://auth.example.test/callback',
    'http://127.0.0.1.evil.test/',
    'http://localhost@evil.test/',
    'http://LOCALHOST/',
    'http://127.0.0.256/',
    'http://127.0.0.1:0/',
    'http://127.0.0.1:65536/',
    'http://127.0.0.1/a?b',
    'http://127.0.0.1/a#b',
    'http://127.0.0.1/a/../b',
    'http://127.0.0.1/ü',
    'myapp://callback',
    '/callback',
    8085,
  ])('that no browser of this machine comes back to as it is, %s, is refused', async (uri) => {
    const redirectUri = uri as string
    const login = browserLogin({ client: fakeClient(), open: () => {}, redirectUri })
    expect(await rejectionOf(login)).toBeInstanceOf(TokenOptionsError)
  })
})

describe.skipIf(!hasIpv6)(`localhost${hasIpv6 ? '' : ': this machine has no ::1'}`, () => {
  it.each(['127.0.0.1', '::1'])('is heard at %s', async (address) => {
    const { login, window } = await begun({ redirectUri: 'http://localhost/callback' })
    const url = await window.redirectUri
    const target = `/callback?code=the-code&state=${STATE}`
    const { status } = await ask(url, { address, target })
    expect(status).toBe(200)
    expect(await login).toBe(TOKENS)
    for (const each of ['127.0.0.1', '::1']) {
      expect(await connection(url.port, each)).toBe('ECONNREFUSED')
    }
  })

  it('whose fixed port somebody has at ::1 is not taken: the code would go there', async () => {
    const port = await occupied('::1')
    const redirectUri = `http://localhost:${port}/callback`
    const login = browserLogin({ client: fakeClient(), open: () => {}, redirectUri })
    expect(await rejectionOf(login)).toMatchObject({ reason: 'port' })
    expect(await connection(String(port))).toBe('ECONNREFUSED')
  })

  it('[::1] is heard there alone', async () => {
    const { login, window, redirectUri } = await begun({ redirectUri: 'http://[::1]/callback' })
    expect(redirectUri).toMatch(/^http:\/\/\[::1\]:\d+\/callback$/)
    expect(await connection(new URL(redirectUri).port)).toBe('ECONNREFUSED')
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })
})

// pi#3396: a callback in a container
describe('another place to listen at, as behind the published port of a container', () => {
  it('hears what the browser asks the redirect URI for', async () => {
    const inside = await freePort()
    const { login, window, redirectUri } = await begun({
      redirectUri: 'http://localhost:8085/callback',
      listen: { host: '0.0.0.0', port: inside },
    })
    expect(redirectUri).toBe('http://localhost:8085/callback')
    const published = new URL(`http://127.0.0.2:${inside}/callback`)
    const target = `/callback?code=the-code&state=${STATE}`
    expect((await ask(published, { target })).status).toBe(403) // another name
    expect((await ask(published, { target, host: 'localhost:8085' })).status).toBe(200)
    expect(await login).toBe(TOKENS)
    await window.url
  })

  it('may be the host alone: the port is the redirect URI’s', async () => {
    const port = await freePort()
    const redirectUri = `http://localhost:${port}/callback`
    const { login, window } = await begun({ redirectUri, listen: { host: '0.0.0.0' } })
    expect(await connection(String(port), '127.0.0.2')).toBe('connected')
    await window.comeBack()
    expect(await login).toBe(TOKENS)
  })
})
