import { once } from 'node:events'
import { createServer } from 'node:http'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listenOnLoopback } from '../../docs/examples/web-app/local/loopback.js'
import { main } from '../../docs/examples/express/src/main.js'
import { freePort } from '../support/free-port.js'
import { quietly } from '../support/oidc/quietly.js'
import { TokenLedger } from '../support/oidc/token-ledger.js'
import { UserAgent } from '../support/oidc/user-agent.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'
import { RecipeBrowser } from './support/recipe-browser.js'

const HOUR_MS = 60 * 60 * 1000
const STEP_UP = 'Bearer error="insufficient_user_authentication", acr_values="urn:example:mfa"'

let redis: RedisServer
let issuer: string
let ledger: TokenLedger
let origins: string[]
let instances: Awaited<ReturnType<typeof main>>[]
/** How the API answers: to a token, the value of `WWW-Authenticate`, or nothing where it is good. */
let challenge: (token: string) => string | undefined
const undo: (() => unknown)[] = []

describeWithRedis('the recipe for Express: two instances, one Redis, a real server', () => {
  beforeEach(async () => {
    challenge = () => undefined
    redis = await startRedis()
    const api = await startApi()
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const clientOfServer = await startIssuer(origin)
    const settings = { ...clientOfServer, origin, api, host: '127.0.0.1', redisUrl: redis.url }
    instances = [await main({ ...settings, port }), await main({ ...settings, port: 0 })]
    origins = await Promise.all(instances.map(({ server }) => originOf(server)))
  }, 30_000)
  afterEach(async () => {
    endAll()
    for (const step of undo.splice(0).reverse()) await step()
    await redis.stop()
  })

  it('logs in at one, answers at the other, and shows nothing unescaped', async () => {
    const browser = await loggedIn('<b>alice')
    const page = await browser.get('/')
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('&#60;b&#62;alice')
    expect(await (await browser.at(origins[1]!).get('/')).text()).toContain('&#60;b&#62;alice')
  })

  it('makes one token request for six tabs whose token is refused', async () => {
    const browser = await loggedIn('alice')
    const refused = new Set<string>()
    challenge = (token) => {
      if (refused.size === 0) refused.add(token)
      return refused.has(token) ? 'Bearer error="invalid_token"' : undefined
    }
    const tabs = Array.from({ length: 6 }, (_, tab) => browser.at(origins[tab % 2]!).get('/'))
    expect((await Promise.all(tabs)).map(({ status }) => status)).toEqual(Array(6).fill(200))
    expect(ledger.of('refresh_token')).toHaveLength(1)
  })

  it('tells who cancels, in plain words, and takes each answer once', async () => {
    const browser = new RecipeBrowser(origins[0]!)
    const begun = new URL((await browser.get('/login')).headers.get('location')!)
    const state = begun.searchParams.get('state')!
    const cancelled = await browser.get(
      `/callback?error=access_denied&error_description=%3Cb%3E&state=${state}`,
    )
    expect(cancelled.status).toBe(400)
    expect(await cancelled.text()).toMatch(/cancelled or refused/)
    expect((await browser.get(`/callback?code=x&state=${state}`)).status).toBe(400)
    expect(browser.cookies.has('session')).toBe(false)
  })

  it('takes no answer of another login, and none without a cookie', async () => {
    const browser = new RecipeBrowser(origins[0]!)
    await browser.get('/login')
    expect((await browser.get('/callback?code=x&state=of-another')).status).toBe(400)
    const stranger = new RecipeBrowser(origins[0]!)
    expect((await stranger.get('/callback?code=x&state=y')).status).toBe(400)
    expect(stranger.cookies.has('session')).toBe(false)
  })

  it('asks for the stronger login that an API wants, and once only', async () => {
    const browser = await loggedIn('alice')
    challenge = () => STEP_UP
    const answer = await browser.get('/?a=1')
    const location = new URL(answer.headers.get('location')!)
    expect(location.origin).toBe(issuer)
    expect(location.searchParams.get('acr_values')).toBe('urn:example:mfa')
    expect((await browser.get('/?a=1')).status).toBe(403)
  })

  it('ends the session here, its tokens, and the session at the provider', async () => {
    const browser = await loggedIn('alice')
    const page = await (await browser.get('/')).text()
    const csrf = /name="csrf" value="([^"]+)"/.exec(page)![1]!
    expect((await browser.post('/logout', { csrf: 'forged' })).status).toBe(403)

    const former = browser.copy()
    const answer = await browser.post('/logout', { csrf })
    const location = new URL(answer.headers.get('location')!)
    expect(location.pathname).toBe('/session/end')
    expect(location.searchParams.get('id_token_hint')).toMatch(/^ey/)
    const after = await former.at(origins[0]!).get('/')
    expect(after.headers.get('location')).toMatch(`${issuer}/auth`)
    expect(await browser.get('/').then((home) => home.text())).toContain('Log in')
  })

  it('says 503 while Redis is away, lives on, and knows the session afterwards', async () => {
    const browser = await loggedIn('alice')
    challenge = () => 'Bearer error="invalid_token"'
    await redis.kill()
    const answer = await browser.get('/')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
    await redis.restart()
    challenge = () => undefined
    await expect.poll(async () => (await browser.get('/')).status, { timeout: 10_000 }).toBe(200)
  })

  it('ends when it is told to, with a connection kept alive', async () => {
    await (await fetch(origins[0]!)).text()
    const closed = instances.map(({ server }) => once(server, 'close'))
    endAll()
    await Promise.all(closed)
  })
})

/** As SIGTERM does. */
function endAll(): void {
  for (const { stop } of instances.splice(0)) {
    process.off('SIGTERM', stop)
    stop()
  }
}

/** A browser whose user has logged in at the second instance what was begun at the first. */
async function loggedIn(name: string): Promise<RecipeBrowser> {
  const browser = new RecipeBrowser(origins[0]!)
  const begun = await browser.get('/login')
  const user = new UserAgent({ login: name, password: 'any' })
  const answer = await user.browseBackTo(
    `${origins[0]}/callback`,
    new URL(begun.headers.get('location')!),
  )
  const back = await browser.at(origins[1]!).get(answer.pathname + answer.search)
  expect([back.status, back.headers.get('location')]).toEqual([303, '/'])
  return browser
}

async function startIssuer(app: string) {
  const { server, origin } = await listenOnLoopback()
  issuer = origin
  const { CLIENT, provider } = await quietly(async () => {
    const local = await import('../../docs/examples/web-app/local/authorization-server.js')
    const options = { app, accessTokenSeconds: () => 300, reuseGraceMs: HOUR_MS }
    return { ...local, provider: local.createAuthorizationServer(origin, options) }
  })
  ledger = new TokenLedger(provider)
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))
  undo.push(() => server.close(), () => server.closeAllConnections()) // prettier-ignore
  return { issuer: origin, ...CLIENT }
}

async function startApi(): Promise<string> {
  const server = createServer((request, response) => {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '')
    const wanted = challenge(token)
    if (wanted) return void response.writeHead(401, { 'www-authenticate': wanted }).end()
    response.end(JSON.stringify({ owner: decodeJwt(token).sub }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undo.push(() => server.close(), () => server.closeAllConnections()) // prettier-ignore
  return originOf(server)
}

async function originOf(server: { listening: boolean; address(): unknown } & NodeJS.EventEmitter) {
  if (!server.listening) await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`
}
