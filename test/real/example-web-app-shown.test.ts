import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium, noChromium } from '../support/chromium.js'
import { freePort } from '../support/free-port.js'
import { describeWithRedis } from '../support/redis/installation.js'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const START = path('../../docs/examples/web-app/local/start.ts')

/** Where to keep pictures, for people to look at. */
const PICTURES = process.env.TOKENWARD_SCREENSHOTS
const POLL = { timeout: 25_000, interval: 300 }

describeWithRedis('npm run example:web, in Chromium', () => {
  let child: ChildProcess
  let chromium: Browser
  let page: Page
  let origin: string
  let log = ''
  beforeAll(async () => {
    if (noChromium) return
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    child = spawn(process.execPath, ['--import', 'tsx', START], {
      env: {
        ...process.env,
        TSX_TSCONFIG_PATH: path('../tsconfig.json'),
        PORT: String(port),
        ACCESS_TOKEN_SECONDS: '6',
        PAUSE_SECONDS: '4',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const isStarted = new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        log += String(chunk)
        if (log.includes('Ctrl-C ends it')) resolve()
      }
      child.stdout!.on('data', hear)
      child.stderr!.on('data', hear)
      child.once('exit', () => reject(new Error(log)))
    })
    await isStarted
    chromium = await launchChromium()
    page = await chromium.newPage()
    page.setDefaultTimeout(POLL.timeout)
    await logIn(page, origin)
  }, 60_000)
  afterAll(async () => {
    await chromium?.close()
    child?.kill() // and what it has started
  })

  it.skipIf(noChromium)('the end of the token is counted down', async () => {
    const end = page.locator('time')
    const first = await end.textContent()
    expect(first).toMatch(/^in \d+ s$/)
    await expect.poll(() => end.textContent(), POLL).not.toBe(first)
    await shoot('account')
  })

  it.skipIf(noChromium)('both processes answer, and a refresh is a line of the log', async () => {
    const seen = new Set<string>()
    const isEnough = () => seen.size === 2 && log.includes('"msg":"refreshed"')
    await expect.poll(async () => (seen.add(await reload('Answered by process')), isEnough()), POLL).toBe(true) // prettier-ignore
    const history = async () => (await reloaded(), page.locator('ol').innerText())
    await expect.poll(history, POLL).toContain('New tokens were received')
    await shoot('history')
  })

  it.skipIf(noChromium)('“API denies my token” costs one refresh', async () => {
    await page.goto(origin)
    const before = refreshed()
    await press('API denies my token') // 503, where the token was received a moment ago
    const since = async () => (await reloaded(), refreshed().slice(before.length).join())
    await expect.poll(since, POLL).toContain('rejected')
    await expect.poll(fromBoth, POLL).toEqual([200, 200])
    await shoot('denied')
  })

  it.skipIf(noChromium)(
    '“Kill this instance”: the other one answers, and later a new one',
    async () => {
      const killed = await reload('Answered by process')
      expect(await press('Kill this instance')).toBe(200)
      expect(await value('Answered by process')).not.toBe(killed)
      await shoot('killed')
      const seen = new Set<string>()
      await expect
        .poll(async () => seen.add(await reload('Answered by process')).size, POLL)
        .toBe(2)
      expect([...seen]).not.toContain(killed)
    },
  )

  it.skipIf(noChromium)('“Authorization server down”: 503 at worst, and on it goes', async () => {
    // Twice, where this process can still adopt a newer token that the other one has saved.
    const statusWithoutServer = async () => {
      const status = await press('Authorization server down')
      return status === 503 ? status : press('API denies my token')
    }
    await expect.poll(statusWithoutServer, POLL).toBe(503)
    await shoot('issuer-down')
    await expect.poll(reloaded, POLL).toBe(200)
  })

  it.skipIf(noChromium)('“Stop Redis”: 503, and all are still logged in afterwards', async () => {
    expect(await press('Stop Redis')).toBe(503)
    await shoot('redis-down')
    await expect.poll(fromBoth, POLL).toEqual([200, 200])
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Your account')
  })

  it.skipIf(noChromium)('no other page can press a button; Ctrl-C ends all of it', async () => {
    const forged = await fetch(`${origin}/controls/redis`, { method: 'POST', redirect: 'manual' })
    expect(forged.status).toBe(403)
    expect(await reloaded()).toBe(200)
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
  })

  const reloaded = async () => (await page.goto(origin))?.status()
  /** The processes take turns, and each finds out by itself that something is back. */
  const fromBoth = async () => [await reloaded(), await reloaded()]
  const value = (name: string) =>
    page.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd[1]').innerText()
  const reload = async (name: string) => (await page.goto(origin), value(name))
  const refreshed = () => log.split('\n').filter((line) => line.includes('"msg":"refreshed"'))

  /** @returns the status of the page that the button leads to */
  async function press(name: string): Promise<number> {
    const came = page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() !== 303) // prettier-ignore
    await page.getByRole('button', { name }).click()
    const status = (await came).status()
    await page.waitForLoadState()
    return status
  }

  async function shoot(step: string): Promise<void> {
    if (PICTURES === undefined) return
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const [device, width] of [
        ['desktop', 1280],
        ['phone', 390],
      ] as const) {
        // prettier-ignore
        await page.setViewportSize({ width, height: 844 })
        await page.screenshot({ path: join(PICTURES, `${step}-${device}-${colorScheme}.png`), fullPage: true }) // prettier-ignore
      }
    }
  }
})

async function logIn(page: Page, origin: string): Promise<void> {
  await page.goto(origin)
  await page.getByRole('link', { name: 'Log in' }).click()
  await page.getByPlaceholder('Enter any login').fill('alice')
  await page.getByPlaceholder('and password').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('heading', { name: 'Your account' }).waitFor()
}
