import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { describeWithRedis } from '../support/redis/installation.js'
import type { RecipeBrowser } from './support/browser.js'
import { NextApp } from './support/next-app.js'
import { SCENARIOS } from './support/scenarios.js'
import { Stage } from './support/stage.js'
import { STEP_UP } from './support/step-up.js'
import { csrfToken, deploy, INVALID, sixTabs, unreadBodies } from './support/steps.js'

/** For a machine that is busy: what changed is compiled at the next request. */
const POLL = { timeout: 30_000, interval: 200 }

describeWithRedis('the recipe for Next.js: two processes, as its page prints it', () => {
  let app: NextApp
  let stage: Stage
  beforeAll(async () => {
    app = new NextApp('next')
    stage = await openBuilt(app)
  }, 300_000)
  afterEach(() => stage.reset())
  afterAll(async () => {
    await stage?.close()
    app?.remove()
  })

  it('a login begun at one process ends at the other; what the API says is escaped', async () => {
    const { browser, cameTo } = await stage.logIn('<b>alice')
    expect(cameTo).toBe('/')
    for (const { origin } of stage.instances) {
      const page = await browser.at(origin).get('/')
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('&lt;b&gt;alice')]) // prettier-ignore
    }
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

  it('nobody’s page leads to the login', async () => {
    expect(await loginOf(stage.browser())).toBe('/auth/login?returnTo=%2F')
  })

  it('a logout ends the session; the next click shows the login', async () => {
    const { browser, atServer } = await stage.logIn('alice')
    const former = browser.copy()
    expect((await browser.post('/auth/logout', { csrf: 'forged' })).status).toBe(403)
    const csrf = await csrfToken(browser)
    const location = new URL((await browser.post('/auth/logout', { csrf })).headers.get('location')!) // prettier-ignore
    expect(location.searchParams.get('id_token_hint')).toMatch(/^ey/)
    expect(await loginOf(former)).toMatch('/auth/login')
    await atServer.browseBackTo(`${stage.origin(0)}/auth/logged-out`, location)
    const next = new URL((await browser.get('/auth/login')).headers.get('location')!)
    expect(await atServer.look(next)).toContain('name="login"')
  })

  it('a cancelled login is told in plain words', () =>
    SCENARIOS['a cancelled login is told in plain words']!(stage))

  it('what nobody reads keeps no connection from being used again', () =>
    unreadBodies(stage, { '/auth/nothing': 404, '/auth/logout': 403 }))

  it('the processes have printed no error so far, nor of a clock that is not stable', () => {
    for (const { output } of stage.instances) expect(output()).not.toMatch(/Date\.now|error/i)
  })

  it('a step-up asks for what the API wants, comes back, and does not go round', async () => {
    const { browser } = await stage.logIn('alice')
    stage.api.behaviour.challenge = () => STEP_UP
    const login = (await loginOf(browser))!
    const begun = new URL((await browser.get(login)).headers.get('location')!)
    expect(begun.searchParams.get('acr_values')).toBe('urn:example:mfa')
    expect((await stage.logIn('alice', browser, login)).cameTo).toBe('/')
    expect(await loginOf(browser)).toBeUndefined() // the API still finds it too weak
    stage.reset()
    expect(await (await browser.get('/')).text()).toContain('alice')
  })

  it('Redis is away: a page says so, a login is 503; all are still logged in when it is back', async () => {
    const { browser } = await stage.logIn('alice')
    await stage.redis.kill()
    stage.api.behaviour.challenge = () => INVALID
    const begun = await browser.get('/auth/login')
    expect([begun.status, begun.headers.get('retry-after')]).toEqual([503, '5'])
    const page = await (await browser.get('/')).text()
    expect(page).not.toContain('alice')
    expect(page).not.toContain('http-equiv="refresh"') // nobody is sent to the login
    await stage.redis.restart()
    stage.reset()
    for (const { origin } of stage.instances) {
      const shown = async () => (await browser.at(origin).get('/')).text()
      await expect.poll(shown, POLL).toContain('alice')
    }
  })

  it('a deploy: what is asked is answered, and the next process knows the session', () =>
    deploy(stage))

  it('each process has one connection to Redis', async () => {
    expect(await connectionsTo(stage)).toBe(2)
  })

  it('SIGTERM ends the processes', async () => {
    expect(await Promise.all(stage.instances.map((one) => one.stop()))).toEqual([143, 143])
  })
})

describeWithRedis('the recipe for Next.js, built without `cacheComponents`', () => {
  let app: NextApp
  let stage: Stage
  beforeAll(async () => {
    app = new NextApp('next-off')
    app.edit('next.config.ts', withoutCacheComponents)
    stage = await openBuilt(app, 1)
  }, 300_000)
  afterAll(async () => {
    await stage?.close()
    app?.remove()
  })

  it('nobody’s page leads to the login; a user’s shows what the API says', async () => {
    expect(await loginOf(stage.browser())).toBe('/auth/login?returnTo=%2F')
    stage.issuer.lifetime.seconds = 1
    const { browser } = await stage.logIn('alice')
    await delay(1_100) // a real clock
    expect(await sixTabs(stage, browser)).toEqual(Array(6).fill(200))
    expect(await (await browser.get('/')).text()).toContain('alice')
  })
})

describeWithRedis('the recipe for Next.js in development, without `cacheComponents`', () => {
  let app: NextApp
  let stage: Stage
  beforeAll(async () => {
    app = new NextApp('next-dev')
    app.edit('next.config.ts', withoutCacheComponents)
    const program = async () => app.program('dev')
    stage = await Stage.open({ name: 'Next.js', program, instances: 1 })
  }, 120_000)
  afterAll(async () => {
    await stage?.close()
    app?.remove()
  })

  it('an edit of a page and of the sessions opens no further connection', async () => {
    const { browser } = await stage.logIn('alice')
    expect(await (await browser.get('/')).text()).toContain('alice')
    const connections = await connectionsTo(stage)
    app.edit('lib/sessions.ts', (text) => `${text}\n/** An edit. */\n`)
    app.edit('app/page.tsx', (text) => text.replace('everywhere\n', 'on all devices\n'))
    await expect.poll(async () => (await browser.get('/')).text(), POLL).toContain('on all devices')
    expect(await connectionsTo(stage)).toBe(connections)
  }, 120_000)
})

/** Built without a Redis, as where an image is made. */
function openBuilt(app: NextApp, instances?: 1): Promise<Stage> {
  return Stage.open({
    name: 'Next.js',
    end: 143,
    instances,
    program: async (environment) => {
      const quick = '{ experimental: { turbopackFileSystemCacheForBuild: false }, ' // nobody builds again
      app.edit('next.config.ts', (text) => text.replace('= {', `= ${quick}`))
      await app.build(environment)
      return app.program('start')
    },
  })
}

function withoutCacheComponents(config: string): string {
  return config.replace(/cacheComponents.*(?= \})/, '')
}

/** Where a page sends its visitor: by its status, or where a part of it was sent before, by a tag. */
async function loginOf(browser: RecipeBrowser): Promise<string | undefined> {
  const page = await browser.get('/')
  const tag = /http-equiv="refresh" content="\d+;url=([^"]+)"/.exec(await page.text())?.[1]
  return page.headers.get('location') ?? tag?.replaceAll('&amp;', '&')
}

/** But for the one that counts them. */
async function connectionsTo(stage: Stage): Promise<number> {
  const redis = createClient({ url: stage.redis.url })
  await redis.connect()
  const all = await redis.clientList()
  redis.destroy()
  return all.length - 1
}
