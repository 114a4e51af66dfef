import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { launchChromium, noChromium } from '../support/chromium.js'
import { askAfterUpload } from '../support/one-connection.js'
import { describeWithRedis } from '../support/redis/installation.js'
import { openExampleScene, type ExampleScene } from './support/example-scene.js'
import { ExampleUser } from './support/example-user.js'

const SHORT_SECONDS = 3
const LONG_SECONDS = 300
/** The pool's. */
const RECHECK_MS = 5_000

describeWithRedis('two instances of the example app behind a balancer, in Chromium', () => {
  let chromium: Browser
  let scene: ExampleScene
  beforeAll(async () => {
    if (!noChromium) chromium = await launchChromium()
  })
  afterAll(() => chromium?.close())
  beforeEach(async () => void (scene = await openExampleScene(SHORT_SECONDS)))
  afterEach(() => scene.close())

  it.skipIf(noChromium)(
    'a user in three tabs stays logged in, whatever expires and whoever dies, until they log out',
    async () => {
      const context = await chromium.newContext()
      const user = new ExampleUser(context, 'alice', scene.origin)
      await user.logIn()
      await user.shoot('account')

      // Expiries.
      await user.browseUntil(() => scene.refreshes >= 3)
      await user.shoot('after-expiries')

      // An instance is killed between the server's answer and the save.
      const killing = scene.killNextRefresher()
      await user.browseUntil(() => killing.app !== undefined)
      const refreshes = scene.refreshes
      await user.browseUntil(() => scene.refreshes >= refreshes + 2)
      await user.shoot('after-the-kill')
      // What the killed one did not live to save was asked for again, and nothing else was.
      expect(scene.ledger).toMatchObject({ reuse: 1, reuseDetected: 0 })

      // Another takes its place, and both have tokens that outlive the logout.
      await scene.replace(killing.app!)
      scene.accessTokenSeconds = LONG_SECONDS
      const session = await user.session()
      let since: number
      do {
        since = performance.now()
        await user.browse()
        for (const app of scene.apps) expect(await visit(app.origin, session)).toBe(200)
      } while (!scene.tokensSince(since).every(scene.isLong))
      expect([...user.visited]).toEqual([`${scene.origin}/`])

      // The logout: who still has the cookie finds no session at either instance.
      const loggedOutAt = await user.logOut()
      while (performance.now() < loggedOutAt + RECHECK_MS + 500) {
        for (const app of scene.apps) expect(await visit(app.origin, session)).toBe('/login')
      }
      expect(scene.tokensSince(loggedOutAt)).toEqual([])
      expect(await scene.liveRefreshTokens()).toEqual([])
      expect(scene.ledger).toMatchObject({ reuse: 1, reuseDetected: 0 })
      await user.confirmLogOut()
      for (const tab of user.tabs) expect(await user.headingAfterReload(tab)).toBe('Welcome')
      await user.shoot('another-tab', user.tabs[1])
      await context.close()

      // A deploy: both end by themselves.
      expect(await Promise.all(scene.apps.map((app) => app.stop()))).toEqual([0, 0])
    },
  )

  it('what nobody reads keeps no connection from being used again', async () => {
    for (const [upload, status] of [
      ['/nothing', 404],
      ['/welcome', 404],
      ['/logout', 303],
    ] as const) {
      // prettier-ignore
      const statuses = await askAfterUpload(scene.apps[0].origin, { upload, page: '/welcome' })
      expect([upload, ...statuses]).toEqual([upload, status, 200])
    }
  })
})

/** @returns the status, or where it leads to */
async function visit(origin: string, cookie: string): Promise<number | string> {
  const answer = await fetch(origin, { headers: { cookie }, redirect: 'manual' })
  await answer.text()
  return answer.headers.get('location') ?? answer.status
}
