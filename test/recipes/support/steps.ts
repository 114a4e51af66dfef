import { expect } from 'vitest'
import { isListening } from '../../support/is-listening.js'
import type { RecipeBrowser } from './browser.js'
import { askAfterUpload } from '../../support/one-connection.js'
import type { Stage } from './stage.js'

export const INVALID = 'Bearer error="invalid_token"'
/** For a machine that is busy. */
export const POLL = { timeout: 10_000 }

/** An instance ends while it makes a page, and another takes its place. */
export async function deploy(stage: Stage): Promise<void> {
  const { browser } = await stage.logIn('alice')
  let release = () => {}
  const { behaviour } = stage.api
  behaviour.hold = new Promise((resolve) => (release = resolve))
  const { calls } = behaviour
  const asked = browser.get('/')
  await expect.poll(() => behaviour.calls, POLL).toBe(calls + 1)
  const [old] = stage.instances
  const ended = old!.stop()
  const port = Number(new URL(old!.origin).port)
  await expect.poll(() => isListening(port), POLL).toBe(false)
  release()
  expect((await asked).status).toBe(200)
  expect(await ended).toBe(stage.end)
  stage.instances[0] = await stage.start(port)
  expect((await browser.get('/')).status).toBe(200)
}

/** @param uploads - to which paths a long form is sent, and the status that it gets */
export async function unreadBodies(stage: Stage, uploads: Record<string, number>): Promise<void> {
  for (const [upload, status] of Object.entries(uploads)) {
    const statuses = await askAfterUpload(stage.origin(0), { upload, page: '/auth/logged-out' })
    expect([upload, ...statuses]).toEqual([upload, status, 200])
  }
}

/** @param paths - which cannot be answered then */
export async function redisIsAway(stage: Stage, paths: string[]): Promise<void> {
  const { browser } = await stage.logIn('alice')
  await stage.redis.kill()
  stage.api.behaviour.challenge = () => INVALID
  for (const path of paths) {
    const answer = await browser.get(path)
    expect([path, answer.status, answer.headers.get('retry-after')]).toEqual([path, 503, '5'])
  }
  await stage.redis.restart()
  let denied: string | undefined
  stage.api.behaviour.challenge = (token) => ((denied ??= token) === token ? INVALID : undefined)
  for (const { process, origin } of stage.instances) {
    // Each has a connection of its own, which comes back in its own time.
    const begun = async () => (await stage.browser().at(origin).get('/auth/login')).status
    await expect.poll(begun, POLL).toBeLessThan(400)
    const page = async () => (await browser.at(origin).get('/')).status
    await expect.poll(page, POLL).toBe(200) // with a token that is asked for and saved
    expect(process.exitCode).toBe(null)
  }
}

/** Each tab's status, once its page is there to the end; they are at two processes. */
export async function sixTabs(stage: Stage, browser: RecipeBrowser): Promise<number[]> {
  const tabs = Array.from({ length: 6 }, async (_, tab) => {
    const page = await browser.at(stage.origin(tab)).get('/')
    await page.text()
    return page.status
  })
  return Promise.all(tabs)
}

export async function csrfToken(browser: RecipeBrowser): Promise<string> {
  const page = await (await browser.get('/')).text()
  return /name="csrf" value="([^"]+)"/.exec(page)![1]!
}

export async function expectLoggedOut(browser: RecipeBrowser): Promise<void> {
  const answer = await browser.get('/')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, expect.stringMatching('^/auth/login')]) // prettier-ignore
}
