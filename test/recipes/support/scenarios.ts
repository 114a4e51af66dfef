import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { generateKeyPair, type JWTPayload } from 'jose'
import { createClient } from 'redis'
import { expect } from 'vitest'
import type { Stage } from './stage.js'
import { stepUpTwice } from './step-up.js'
import {
  csrfToken,
  deploy,
  expectLoggedOut,
  INVALID,
  POLL,
  redisIsAway,
  sixTabs,
  unreadBodies,
} from './steps.js'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

export type Scenario = (stage: Stage) => Promise<void>

/** What every recipe is taken through, in this order: the last ones end its processes. */
export const SCENARIOS: Record<string, Scenario> = {
  'a login begun at one process ends at the other; what the API says is escaped': async (stage) => {
    const { browser, cameTo } = await stage.logIn('<b>alice')
    expect(cameTo).toBe('/')
    for (const origin of stage.instances.map((instance) => instance.origin)) {
      const page = await browser.at(origin).get('/')
      expect([page.status, await page.text()]).toEqual([200, expect.stringMatching(/&(#60|lt);b&(#62|gt);alice/)]) // prettier-ignore
    }
  },

  'six tabs at once with an expired token make one token request': async (stage) => {
    stage.issuer.lifetime.seconds = 1
    const { browser } = await stage.logIn('alice')
    stage.issuer.lifetime.seconds = 300
    await delay(1_100) // two processes, on a real clock
    const refreshes = await stage.refreshesDuring(async () => {
      expect(await sixTabs(stage, browser)).toEqual(Array(6).fill(200))
    })
    expect(refreshes).toBe(1)
  },

  'six tabs at once whose token the API refuses make one token request': async (stage) => {
    const { browser } = await stage.logIn('alice')
    let refused: string | undefined
    stage.api.behaviour.challenge = (token) => ((refused ??= token) === token ? INVALID : undefined)
    const refreshes = await stage.refreshesDuring(async () => {
      expect(await sixTabs(stage, browser)).toEqual(Array(6).fill(200))
    })
    expect(refreshes).toBe(1)
  },

  'nobody’s page leads to the login, and back to it': async (stage) => {
    const answer = await stage.browser().get('/?a=1')
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/auth/login?returnTo=%2F%3Fa%3D1']) // prettier-ignore
    const user = await stage.logIn('alice', undefined, answer.headers.get('location')!)
    expect(user.cameTo).toBe('/?a=1')
  },

  'a login leads to no other site': async (stage) => {
    const away = ['//evil.example', 'https://evil.example/', '/\\evil.example', '/..//evil.example', '/.\\/evil.example', 'http://['] // prettier-ignore
    for (const path of away) {
      const login = `/auth/login?returnTo=${encodeURIComponent(path)}`
      const { cameTo } = await stage.logIn('alice', undefined, login)
      expect(new URL(cameTo, stage.origin(0)).origin).toBe(stage.origin(0))
    }
  },

  'a cancelled login is told in plain words': async (stage) => {
    const browser = stage.browser()
    const begun = new URL((await browser.get('/auth/login')).headers.get('location')!)
    const state = begun.searchParams.get('state')!
    const cancelled = await browser.get(`/auth/callback?error=access_denied&error_description=%3Cb%3E&state=${state}`) // prettier-ignore
    expect([cancelled.status, await cancelled.text()]).toEqual([400, expect.stringMatching(/cancelled or refused/)]) // prettier-ignore
    expect(browser.cookies.has('session')).toBe(false)
  },

  'a callback is taken once, from the browser that began it, with its state': async (stage) => {
    const { browser, callback } = await stage.logIn('alice')
    const answers = [
      await browser.get(callback), // twice
      await stage.browser().get('/auth/callback?code=x&state=y'), // no cookie
      await stage.browser().get('/auth/callback'),
    ]
    await browser.get('/auth/login')
    answers.push(await browser.get('/auth/callback?code=x&state=of-another'))
    const other = stage.browser()
    const begun = new URL((await other.get('/auth/login')).headers.get('location')!)
    answers.push(await browser.get(`/auth/callback?code=x&state=${begun.searchParams.get('state')}`)) // prettier-ignore
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400])
  },

  'a login that was begun and forgotten expires': async (stage) => {
    await stage.browser().get('/auth/login')
    const redis = createClient({ url: stage.redis.url })
    await redis.connect()
    const lifetimes = await Promise.all((await redis.keys('login:*')).map((key) => redis.ttl(key)))
    redis.destroy()
    expect(lifetimes.length).toBeGreaterThan(0)
    for (const seconds of lifetimes) expect(seconds > 0 && seconds <= 600).toBe(true)
  },

  'a new login ends the one before, in this browser': async (stage) => {
    const { browser } = await stage.logIn('alice')
    const former = browser.copy()
    await stage.logIn('bob', browser)
    expect(await (await browser.get('/')).text()).toContain('bob')
    await expectLoggedOut(former)
  },

  'a step-up asks for what the API wants, comes back, and does not go round': async (stage) => {
    const { browser } = await stage.logIn('alice')
    const logInAt = async (path: string) => (await stage.logIn('alice', browser, path)).cameTo
    await stepUpTwice(stage, { browser, logInAt })
  },

  'a cookie from an attacker opens nothing and breaks nothing': async (stage) => {
    const { browser } = await stage.logIn('alice')
    const cookie = browser.cookies.get('session')!
    const id = createHash('sha256').update(cookie).digest('base64url')
    const values = ['a'.repeat(10_000), '../../etc/passwd', '{session}:lease', '*', '', '%00', '__proto__', `${cookie}x`, id] // prettier-ignore
    for (const value of values) {
      const withCookie = (name: string) => {
        const attacker = stage.browser()
        attacker.cookies.set(name, value)
        return attacker
      }
      const answers = [
        await withCookie('session').get('/'),
        await withCookie('login').get('/auth/login'),
        await withCookie('login').get('/auth/callback?code=x&state=y'),
        await withCookie('session').post('/auth/logout', { csrf: value }),
      ]
      expect(answers.map(({ status }) => status)).toEqual([303, 303, 400, 403])
    }
    expect((await browser.get('/')).status).toBe(200)
  },

  'a form of 100 kB, and one that is none, are refused': async (stage) => {
    const { browser } = await stage.logIn('alice')
    const csrf = await csrfToken(browser)
    expect((await browser.post('/auth/logout', { csrf, a: 'a'.repeat(100_000) })).status).toBe(403)
    expect((await browser.post('/auth/logout', {})).status).toBe(403)
    expect((await browser.get('/auth/logout')).status).toBe(404)
    expect((await browser.get('/')).status).toBe(200)
  },

  'what nobody reads keeps no connection from being used again': (stage) =>
    unreadBodies(stage, { '/auth/nothing': 404, '/auth/logout': 403 }),

  'a logout wants the form’s token; the next click shows the login': async (stage) => {
    const { browser, atServer } = await stage.logIn('alice')
    const other = (await stage.logIn('bob')).browser
    const csrf = await csrfToken(browser)
    for (const wrong of ['forged', await csrfToken(other)]) {
      expect((await browser.post('/auth/logout', { csrf: wrong })).status).toBe(403)
    }
    const former = browser.copy()
    const location = new URL((await browser.post('/auth/logout', { csrf })).headers.get('location')!) // prettier-ignore
    expect(location.pathname).toBe('/session/end')
    expect(location.searchParams.get('id_token_hint')).toMatch(/^ey/)
    await expectLoggedOut(former)

    const back = await atServer.browseBackTo(`${stage.origin(0)}/auth/logged-out`, location)
    expect((await browser.get(back.pathname)).status).toBe(200)
    const next = new URL((await browser.get('/auth/login')).headers.get('location')!)
    expect(await atServer.look(next)).toContain('name="login"')
    expect((await other.get('/')).status).toBe(200)
  },

  'a logout everywhere ends all that the user has, and nobody else’s': async (stage) => {
    const [here, there] = [await stage.logIn('dave'), await stage.logIn('dave')]
    const other = await stage.logIn('erin')
    const csrf = await csrfToken(here.browser)
    const answer = await here.browser.post('/auth/logout', { csrf, everywhere: 'on' })
    expect(answer.headers.get('location')).toContain('id_token_hint=')
    await expectLoggedOut(there.browser)
    expect((await other.browser.get('/')).status).toBe(200)
  },

  'a logout at the provider ends the sessions here, of that login': async (stage) => {
    const { browser, atServer } = await stage.logIn('alice')
    const elsewhere = (await stage.logIn('alice')).browser
    await atServer.browseToEnd(new URL(`${stage.issuer.origin}/session/end`))
    await expect.poll(async () => (await browser.get('/')).status, POLL).toBe(303)
    expect((await elsewhere.get('/')).status).toBe(200)
  },

  'a logout token of a user ends all that the user has; a false one, nothing': async (stage) => {
    const { issuer } = stage
    const user = 'carol'
    const tabs = [(await stage.logIn(user)).browser, (await stage.logIn(user)).browser]
    const now = Math.floor(Date.now() / 1000)
    const good: JWTPayload = {
      iss: issuer.origin,
      aud: issuer.clientId,
      sub: user,
      jti: 'one',
      iat: now,
      exp: now + 120,
      events: { [EVENT]: {} },
    }
    const { privateKey: foreign } = await generateKeyPair('RS256')
    const none = (name: string) => ({ ...good, [name]: undefined })
    const bad = [
      'no token',
      await issuer.sign(good, foreign),
      await issuer.sign({ ...good, iss: 'https://elsewhere.example' }),
      await issuer.sign({ ...good, aud: 'another app' }),
      await issuer.sign({ ...good, nonce: 'of an ID token' }),
      await issuer.sign({ ...good, events: { other: {} } }),
      await issuer.sign({ ...good, iat: now - 600, exp: now + 600 }),
      await issuer.sign({ ...good, exp: now - 60 }),
      ...(await Promise.all(['events', 'jti', 'sub', 'iat', 'exp'].map((name) => issuer.sign(none(name))))), // prettier-ignore
    ]
    const send = async (token: string) =>
      (await stage.browser().post('/auth/back-channel-logout', { logout_token: token })).status
    expect(await Promise.all(bad.map(send))).toEqual(bad.map(() => 400))
    for (const tab of tabs) expect((await tab.get('/')).status).toBe(200)

    const token = await issuer.sign(good)
    expect(await send(token)).toBe(200)
    for (const tab of tabs) await expectLoggedOut(tab)
    expect(await send(token)).toBe(400) // replayed
  },

  'Redis is away: 503 with Retry-After; it comes back, and all are still logged in': (stage) =>
    redisIsAway(stage, ['/', '/auth/login']),

  'a deploy: what is asked is answered, and the next process knows the session': deploy,

  'SIGTERM ends the processes, with connections kept alive': async (stage) => {
    for (const { origin } of stage.instances) await (await fetch(`${origin}/auth/logged-out`)).text() // prettier-ignore
    const ends = await Promise.all(stage.instances.map((instance) => instance.stop()))
    expect(ends).toEqual([stage.end, stage.end])
  },
}
