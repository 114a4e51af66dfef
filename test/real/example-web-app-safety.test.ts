import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readConfiguration } from '../../docs/examples/web-app/src/configuration.js'
import { nameOf } from '../../docs/examples/web-app/src/secrets.js'
import { memoryState } from '../../docs/examples/web-app/src/state.js'
import { connectRedis } from '../../docs/examples/web-app/src/redis-state.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { startRedis, type RedisServer } from '../support/redis/server.js'
import type { ExampleBrowser } from './support/example-browser.js'
import { openInProcess, type ExampleInProcess } from './support/example-in-process.js'

const LOOPBACK = 'http://127.0.0.1:3000'
const PUBLIC = 'https://app.example.test'
const HOUR_MS = 60 * 60 * 1000

let scene: ExampleInProcess

afterEach(async () => {
  vi.useRealTimers()
  await scene.close()
})

describe("the example app's cookies", () => {
  it('over https: hidden from scripts, other sites, plain http and neighbours', async () => {
    scene = await openInProcess(PUBLIC)
    const browser = scene.browser()
    const begun = await browser.get('/login')
    const flags = { path: '/', httpOnly: true, secure: true, sameSite: 'Lax' }
    expect(begun.cookies).toEqual([
      { name: '__Host-login', value: expect.stringMatching(/^[\w-]{43}$/), maxAge: 600, ...flags },
    ])
    const done = await browser.get(await browser.signIn('alice', `${PUBLIC}/callback`))
    expect(done.cookies).toEqual([
      { name: '__Host-session', value: expect.stringMatching(/^[\w-]{43}$/), ...flags },
    ])
    expect(done.headers['strict-transport-security']).toContain('max-age=')
  })

  it('on plain-http loopback: the same, without what Safari refuses there', async () => {
    scene = await openInProcess(LOOPBACK)
    const browser = scene.browser()
    const done = await browser.get(await browser.signIn('alice', `${LOOPBACK}/callback`))
    const flags = { path: '/', httpOnly: true, sameSite: 'Lax' }
    expect(done.cookies).toEqual([{ name: 'session', value: expect.any(String), ...flags }])
  })

  it('over plain http elsewhere: there are none, for the app does not start', async () => {
    scene = await openInProcess(LOOPBACK)
    const env = { ORIGIN: 'http://app.example.test', ISSUER: 'i', API: 'a' }
    const start = () => readConfiguration({ ...env, CLIENT_ID: 'c', CLIENT_SECRET: 's' })
    expect(start).toThrow('ORIGIN must be an https origin')
  })
})

describe("a session's record", () => {
  it("opens nothing in another's place", async () => {
    const state = memoryState()
    scene = await openInProcess(LOOPBACK, state)
    const [alice, mallory] = [scene.browser(), scene.browser()]
    for (const [who, name] of [
      [alice, 'alice'],
      [mallory, 'mallory'],
    ] as const) {
      await who.get(await who.signIn(name, `${LOOPBACK}/callback`))
    }
    const keyOf = (who: ExampleBrowser) => `session:${nameOf(who.cookies.session!)}`
    const planted = await state.get<object>(keyOf(alice))
    await state.put(keyOf(mallory), planted!, HOUR_MS)
    expect((await mallory.get('/')).headers.location).toMatch(/welcome|login/)
  })
})

describe('the example app', () => {
  let browser: ExampleBrowser
  beforeEach(async () => {
    scene = await openInProcess(LOOPBACK)
    browser = scene.browser()
  })
  const signIn = (who: ExampleBrowser, name = 'alice') => who.signIn(name, `${LOOPBACK}/callback`)
  const logIn = async (who: ExampleBrowser, name?: string) => who.get(await signIn(who, name))

  it('refuses a logout that another site made the browser send', async () => {
    await logIn(browser)
    const other = scene.browser()
    await logIn(other, 'mallory')
    for (const csrf of ['', 'x', await other.csrfToken()]) {
      expect((await browser.post('/logout', { csrf })).statusCode).toBe(403)
    }
    expect((await browser.post('/logout', {})).statusCode).toBe(403)
    expect((await browser.get('/')).statusCode).toBe(200)
    const csrf = await browser.csrfToken()
    const { session } = browser.cookies
    expect((await browser.post('/logout', { csrf })).headers.location).toContain('id_token_hint=')
    browser.cookies.session = session!
    expect((await browser.get('/')).headers.location).toBe('/login')
  })

  it('ends a session at a server that has no page for it', async () => {
    scene.hasLogoutPage = false
    await logIn(browser)
    const csrf = await browser.csrfToken()
    const { session } = browser.cookies
    const ended = await browser.post('/logout', { csrf })
    expect([ended.statusCode, ended.headers.location]).toEqual([303, `${LOOPBACK}/signed-out`])
    browser.cookies.session = session!
    expect((await browser.get('/')).headers.location).toBe('/login')
  })

  it.each([
    ['with another state', async () => (await signIn(browser)).replace(/state=[^&]+/, 'state=x')],
    ['with no state', async () => (await signIn(browser)).replace(/state=[^&]+/, '')],
    ['with two', async () => `${await signIn(browser)}&state=x`],
    [
      'that another browser began',
      async () => {
        await browser.get('/login')
        return signIn(scene.browser(), 'mallory')
      },
    ],
  ])('takes no answer of a login %s', async (_, answer) => {
    const url = await answer()
    delete browser.cookies.session
    const page = await browser.get(url)
    expect(page.statusCode).toBe(400)
    expect(page.payload).toContain('The login failed')
    expect(browser.cookies.session).toBeUndefined()
  })

  it('sends a code once, though the answer comes twice, to two instances', async () => {
    const url = await signIn(browser)
    const elsewhere = scene.otherInstance(browser)
    const answers = await Promise.all([browser.get(url), elsewhere.get(url)])
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([303, 400])
    expect((await elsewhere.get(url)).statusCode).toBe(400)
    expect(scene.ledger.of('authorization_code')).toHaveLength(1)
  })

  it('takes the answers of two tabs that log in at once', async () => {
    const one = await signIn(browser)
    const two = await signIn(browser)
    for (const url of [one, two]) expect((await browser.get(url)).headers.location).toBe('/')
  })

  it('tells a user who said no that they are not logged in', async () => {
    const { searchParams } = new URL(await signIn(browser), LOOPBACK)
    searchParams.delete('code')
    searchParams.set('error', 'access_denied')
    const page = await browser.get(`/callback?${searchParams}`)
    expect([page.statusCode, page.payload]).toEqual([400, expect.stringContaining('not logged in')])
  })

  it('gives a browser a new session at the login, whatever cookie was planted before', async () => {
    const attacker = scene.browser()
    await logIn(attacker, 'mallory')
    const planted = attacker.cookies.session!
    browser.cookies.session = planted
    await logIn(browser)
    expect(browser.cookies.session).not.toBe(planted)
    expect((await browser.get('/')).payload).toContain('alice')
    expect((await attacker.get('/')).headers.location).toBe('/login')
  })

  it('leads to the login where the session is made up, or the server has ended it', async () => {
    browser.cookies.session = 'x'.repeat(43)
    expect((await browser.get('/')).headers.location).toBe('/login')
    expect(browser.cookies.session).toBeUndefined()

    await logIn(browser)
    await scene.revokeAll()
    pass(HOUR_MS / 2)
    expect((await browser.get('/')).headers.location).toBe('/login')
    expect(browser.cookies.session).toBeUndefined()
  })

  it('asks to try again while the server is away, and goes on when it is back', async () => {
    await logIn(browser)
    await browser.get('/') // the API has the server's keys
    scene.isAway = true
    expect((await browser.get('/')).statusCode).toBe(200) // the token is still good
    pass(HOUR_MS / 2)
    const page = await browser.get('/')
    expect([page.statusCode, page.headers['retry-after']]).toEqual([503, '5'])
    scene.isAway = false
    const isBack = async () => expect((await browser.get('/')).statusCode).toBe(200)
    await vi.waitFor(isBack, { timeout: 10_000 }) // after the cool-down
  })

  it('shows what the API says as text', async () => {
    await logIn(browser, '<b>"&')
    expect((await browser.get('/')).payload).toContain('<td>&#60;b&#62;&#34;&#38;</td>')
  })

  it('lets browsers load nothing from elsewhere, frame it nowhere, and keep no page', async () => {
    const { headers } = await browser.get('/welcome')
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self' ${scene.issuer}; base-uri 'none'; frame-ancestors 'none'`,
    )
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
  })
})

describeWithRedis('the example app, its state in Redis', () => {
  let redis: RedisServer
  beforeEach(async () => {
    redis = await startRedis()
    scene = await openInProcess(
      LOOPBACK,
      await connectRedis(redis.url, randomBytes(32).toString('base64')),
    )
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
  })
  afterEach(() => redis.stop())

  it.each([
    ['dead', () => redis.kill(), () => redis.restart()],
    ['silent', async () => redis.pause(), async () => redis.resume()],
  ])(
    'asks to try again while that is %s, and knows its users afterwards',
    async (_, end, begin) => {
      const browser = scene.browser()
      await browser.get(await browser.signIn('alice', `${LOOPBACK}/callback`))
      await end()
      const page = await browser.get('/')
      expect([page.statusCode, page.headers['retry-after']]).toEqual([503, '5'])
      await begin()
      const isBack = async () => expect((await browser.get('/')).payload).toContain('alice')
      await vi.waitFor(isBack, { timeout: 15_000, interval: 200 })
    },
  )
})

/** Expiry is judged by the wall clock: that much later. */
function pass(durationMs: number): void {
  const at = Date.now() + durationMs
  vi.useFakeTimers({ toFake: ['Date'], now: at })
}
