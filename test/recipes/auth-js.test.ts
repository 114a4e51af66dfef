import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeWithRedis } from '../support/redis/installation.js'
import { Stage } from './support/stage.js'
import { stepUpTwice } from './support/step-up.js'
import { deploy, expectLoggedOut, redisIsAway, sixTabs, unreadBodies } from './support/steps.js'

const RECIPE = {
  name: 'Auth.js',
  program: { type: 'module', file: 'auth-js.js' },
  callback: '/auth/callback/provider',
} as const

describeWithRedis('the recipe for Auth.js: two processes, as its page prints it', () => {
  let stage: Stage
  beforeAll(async () => void (stage = await Stage.open(RECIPE)), 60_000)
  afterEach(() => stage.reset())
  afterAll(() => stage?.close())

  it('a login begun at one process ends at the other, and no token is in a cookie', async () => {
    const { browser, cameTo } = await stage.logIn('alice')
    expect(new URL(cameTo, stage.origin(0)).pathname).toBe('/')
    for (const { origin } of stage.instances) {
      const page = await browser.at(origin).get('/')
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('alice')])
    }
    const session = (await (await browser.get('/auth/session')).json()) as { user: object }
    expect(session.user).toMatchObject({ name: 'alice' })
    expect(JSON.stringify(session)).not.toMatch(/token/i)
  })

  it('six tabs at once with an expired token make one token request', async () => {
    stage.issuer.lifetime.seconds = 1
    const { browser } = await stage.logIn('alice')
    stage.issuer.lifetime.seconds = 300
    await delay(1_100) // two processes, on a real clock
    const refreshes = await stage.refreshesDuring(async () => {
      expect(await sixTabs(stage, browser)).toEqual(Array(6).fill(200))
    })
    expect(refreshes).toBe(1)
  })

  it('nobody’s page leads to the login, and back to it', async () => {
    const response = await stage.browser().get('/?a=1')
    const login = response.headers.get('location')!
    expect([response.status, login]).toEqual([303, '/auth/login?returnTo=%2F%3Fa%3D1'])
    const { cameTo } = await stage.logIn('alice', undefined, login)
    expect(new URL(cameTo, stage.origin(0)).search).toBe('?a=1')
  })

  it('a cancelled login logs nobody in', async () => {
    const browser = stage.browser()
    const state = new URL(
      (await browser.get('/auth/login')).headers.get('location')!,
    ).searchParams.get('state')!
    const response = await browser.get(
      `/auth/callback/provider?error=access_denied&state=${encodeURIComponent(state)}`,
    )
    expect([response.status, response.headers.get('location')]).toEqual([302, expect.stringMatching('error=')]) // prettier-ignore
    expect(browser.cookies.has('auth-session')).toBe(false)
  })

  it('a new login ends the one before, in this browser', async () => {
    const { browser } = await stage.logIn('alice')
    const former = browser.copy()
    await stage.logIn('bob', browser)
    expect(await (await browser.get('/')).text()).toContain('bob')
    await expectLoggedOut(former)
  })

  it('a logout ends the session here and at the provider, and nobody else’s', async () => {
    const { browser, atServer } = await stage.logIn('alice')
    const other = (await stage.logIn('bob')).browser
    const former = browser.copy()
    const response = await browser.post('/auth/logout', {})
    const location = new URL(response.headers.get('location')!)
    expect(location.searchParams.get('id_token_hint')).toMatch(/^ey/)
    await expectLoggedOut(former)
    await atServer.browseBackTo(`${stage.origin(0)}/auth/logged-out`, location)
    const next = new URL((await browser.get('/auth/login')).headers.get('location')!)
    expect(await atServer.look(next)).toContain('name="login"')
    expect((await other.get('/')).status).toBe(200)
  })

  it('a step-up asks for what the API wants, comes back, and does not go round', async () => {
    const { browser } = await stage.logIn('eve')
    const logInAt = async (path: string) => (await stage.logIn('eve', browser, path)).cameTo
    await stepUpTwice(stage, { browser, logInAt })
  })

  it('a cookie from an attacker opens nothing and breaks nothing', async () => {
    for (const value of ['a'.repeat(10_000), '../../etc/passwd', '__proto__', '%00']) {
      const attacker = stage.browser()
      attacker.cookies.set('auth-session', value)
      expect((await attacker.get('/')).status).toBe(303)
      expect((await attacker.post('/auth/logout', {})).status).toBe(403)
    }
  })

  it('what nobody reads keeps no connection from being used again', () =>
    unreadBodies(stage, { '/auth/nothing': 400, '/auth/logout': 403 }))

  it('Redis is away: 503 with Retry-After; it comes back, and all are still logged in', () =>
    redisIsAway(stage, ['/']))

  it('a deploy: what is asked is answered, and the next process knows the session', () =>
    deploy(stage))

  it('SIGTERM ends the processes', async () => {
    expect(await Promise.all(stage.instances.map((one) => one.stop()))).toEqual([0, 0])
  })
})
