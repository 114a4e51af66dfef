import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'

const PARTS = 5
/** Longer than a lease, and than a busy machine takes. */
const PAGE_MS = 25_000

/** Where to keep a picture of each step, for people to look at. */
const PICTURES = process.env.TOKENWARD_SCREENSHOTS

/** Who works with the example app in three tabs of one browser. */
export class ExampleUser {
  readonly tabs: Page[] = []
  /** Whatever page the tabs came to, since the login. */
  readonly visited = new Set<string>()
  readonly #context: BrowserContext
  readonly #name: string
  readonly #origin: string
  #pictures = 0

  constructor(context: BrowserContext, name: string, origin: string) {
    this.#context = context
    this.#name = name
    this.#origin = origin
    context.setDefaultTimeout(PAGE_MS)
  }

  async logIn(): Promise<void> {
    const tab = await this.#openTab()
    await tab.goto(this.#origin)
    await this.shoot('welcome')
    await tab.getByRole('link', { name: 'Log in' }).click()
    await tab.getByPlaceholder('Enter any login').fill(this.#name)
    await tab.getByPlaceholder('and password').fill('any')
    await this.shoot('sign-in')
    await tab.getByRole('button', { name: 'Sign-in' }).click()
    await tab.getByRole('button', { name: 'Continue' }).waitFor()
    await this.shoot('consent')
    await tab.getByRole('button', { name: 'Continue' }).click()
    await this.#expectAccount(tab)
    await this.#openTab()
    await this.#openTab()
    for (const each of this.tabs) {
      each.on('framenavigated', (frame) => void this.visited.add(frame.url()))
    }
  }

  /** Loads the page in all tabs at once: each has five answers that name this user. */
  async browse(): Promise<void> {
    await Promise.all(
      this.tabs.map(async (tab) => {
        const answer = await tab.goto(this.#origin)
        expect(answer?.status()).toBe(200)
        await this.#expectAccount(tab)
      }),
    )
  }

  async browseUntil(isReached: () => boolean): Promise<void> {
    do await this.browse()
    while (!isReached())
  }

  /** @returns when the app had answered, by `performance.now()` */
  async logOut(): Promise<number> {
    const tab = this.tabs[0]!
    const answered = tab.waitForResponse((response) => response.url().endsWith('/logout'))
    await tab.getByRole('button', { name: 'Log out' }).click()
    await answered
    return performance.now()
  }

  /** At the authorization server's page, to which the logout led. */
  async confirmLogOut(): Promise<void> {
    const tab = this.tabs[0]!
    await tab.getByRole('button', { name: 'Yes, sign me out' }).waitFor()
    await this.shoot('confirm-logout')
    await tab.getByRole('button', { name: 'Yes, sign me out' }).click()
    await tab.waitForURL(`${this.#origin}/signed-out*`)
    await this.shoot('signed-out')
  }

  /** What the page says that a reload of a tab leads to. */
  async headingAfterReload(tab: Page): Promise<string | null> {
    await tab.goto(this.#origin)
    return tab.getByRole('heading', { level: 1 }).textContent()
  }

  /** The cookie that is the user's session. */
  async session(): Promise<string> {
    const cookies = await this.#context.cookies(this.#origin)
    return `session=${cookies.find(({ name }) => name === 'session')!.value}`
  }

  async shoot(step: string, tab = this.tabs[0]!): Promise<void> {
    if (PICTURES === undefined) return
    const path = join(PICTURES, `${String(++this.#pictures).padStart(2, '0')}-${step}.png`)
    await tab.screenshot({ path })
  }

  async #openTab(): Promise<Page> {
    const tab = await this.#context.newPage()
    this.tabs.push(tab)
    return tab
  }

  async #expectAccount(tab: Page): Promise<void> {
    await tab.getByRole('heading', { name: 'Your account' }).waitFor()
    const named = await tab.getByRole('cell').allTextContents()
    expect(named).toEqual(Array<string>(PARTS).fill(this.#name))
  }
}
