import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeWithPostgres } from '../support/postgres/installation.js'
import { startPostgres, type PostgresServer } from '../support/postgres/server.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { Stage } from './support/stage.js'
import { stepUpTwice } from './support/step-up.js'
import { deploy, expectLoggedOut, redisIsAway, sixTabs, unreadBodies } from './support/steps.js'

const COOKIE = 'better-auth.session_token'

describeWithPostgres('the recipe for better-auth', () => {
  describeWithRedis('two processes, as its page prints it', () => {
    let postgres: PostgresServer
    let stage: Stage
    beforeAll(async () => {
      postgres = await startPostgres()
      stage = await Stage.open({
        name: 'better-auth',
        program: { type: 'module', file: 'better-auth.js' },
        callback: '/auth/callback/provider',
        once: 'migrate',
        environment: { DATABASE_URL: `postgres://postgres@127.0.0.1:${postgres.port}/postgres` },
      })
    }, 120_000) // a database, a migration, two processes
    afterEach(() => stage.reset())
    afterAll(async () => {
      await stage?.close()
      await postgres?.stop()
    })

    it('a login begun at one process ends at the other, and no token is in its tables', async () => {
      const { browser, cameTo } = await stage.logIn('alice')
      expect(new URL(cameTo, stage.origin(0)).pathname).toBe('/')
      for (const { origin } of stage.instances) {
        const page = await browser.at(origin).get('/')
        expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('alice')])
      }
      await stage.logIn('alice') // an account that is there is updated
      const accounts = await postgres.send('SELECT * FROM account')
      expect(accounts).toMatchObject([{ accessToken: null, refreshToken: null, idToken: null }])
    })

    it('six tabs at once with an expired token make one token request', async () => {
      stage.issuer.lifetime.seconds = 1
      const { browser } = await stage.logIn('bob')
      stage.issuer.lifetime.seconds = 300
      await delay(1_100) // two processes, on a real clock
      const refreshes = await stage.refreshesDuring(async () => {
        expect(await sixTabs(stage, browser)).toEqual(Array(6).fill(200))
      })
      expect(refreshes).toBe(1)
    })

    it('a login leads to no other site', async () => {
      for (const away of ['//evil.example', '/..//evil.example', 'http://[']) {
        const path = `/auth/login?returnTo=${encodeURIComponent(away)}`
        const { cameTo } = await stage.logIn('carol', undefined, path)
        expect(new URL(cameTo, stage.origin(0)).origin).toBe(stage.origin(0))
      }
    })

    it('a cancelled login is told in plain words', async () => {
      const browser = stage.browser()
      const state = new URL(
        (await browser.get('/auth/login')).headers.get('location')!,
      ).searchParams.get('state')!
      const query = new URLSearchParams({ error: 'access_denied', state })
      const response = await browser.get(`/auth/callback/provider?${query}`)
      const failed = new URL(response.headers.get('location')!, stage.origin(0))
      expect((await browser.get(failed.pathname + failed.search)).status).toBe(400)
      expect(browser.cookies.has(COOKIE)).toBe(false)
    })

    it('a logout ends the tokens with the last of the user’s sessions', async () => {
      const { browser: phone } = await stage.logIn('dave')
      const { browser: desk, atServer } = await stage.logIn('dave')
      const former = phone.copy()
      await phone.post('/auth/logout', {})
      await expectLoggedOut(former)
      expect((await desk.get('/')).status).toBe(200)

      const response = await desk.post('/auth/logout', {})
      const location = new URL(response.headers.get('location')!)
      expect(location.searchParams.get('id_token_hint')).toMatch(/^ey/)
      await atServer.browseBackTo(`${stage.origin(0)}/auth/logged-out`, location)
      const next = new URL((await desk.get('/auth/login')).headers.get('location')!)
      expect(await atServer.look(next)).toContain('name="login"')
    })

    it('a step-up asks for what the API wants, comes back, and does not go round', async () => {
      const { browser } = await stage.logIn('eve')
      const logInAt = async (path: string) => (await stage.logIn('eve', browser, path)).cameTo
      await stepUpTwice(stage, { browser, logInAt })
    })

    it('a cookie from an attacker opens nothing and breaks nothing', async () => {
      for (const value of ['a'.repeat(10_000), '../../etc/passwd', '__proto__', '%00']) {
        const attacker = stage.browser()
        attacker.cookies.set(COOKIE, value)
        expect((await attacker.get('/')).status).toBe(303)
        expect((await attacker.post('/auth/logout', {})).status).toBe(403)
      }
    })

    it('what nobody reads keeps no connection from being used again', () =>
      unreadBodies(stage, { '/auth/nothing': 404, '/auth/logout': 403 }))

    it('Redis is away: 503 with Retry-After; it comes back, and all are still logged in', () =>
      redisIsAway(stage, ['/']))

    it('a deploy: what is asked is answered, and the next process knows the session', () =>
      deploy(stage))

    it('SIGTERM ends the processes', async () => {
      expect(await Promise.all(stage.instances.map((one) => one.stop()))).toEqual([0, 0])
    })
  })
})
