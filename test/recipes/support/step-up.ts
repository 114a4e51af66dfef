import { expect } from 'vitest'
import type { RecipeBrowser } from './browser.js'
import type { Stage } from './stage.js'

export const STEP_UP =
  'Bearer error="insufficient_user_authentication", acr_values="urn:example:mfa"'
/** For so long, a login that the API still finds too weak leads to no other. */
const A_MINUTE = 60

interface User {
  readonly browser: RecipeBrowser
  /** Once more, from an address of the app. @returns where the app leads afterwards */
  readonly logInAt: (path: string) => Promise<string>
}

/** @param user - who is logged in */
export async function stepUpTwice(stage: Stage, { browser, logInAt }: User): Promise<void> {
  stage.api.behaviour.challenge = () => STEP_UP
  await stepUp()
  expect((await browser.get('/?a=1')).status).toBe(403)
  browser.wait(A_MINUTE) // the API wants a login that is fresh, and wants it again
  await stepUp()
  stage.reset()
  expect((await browser.get('/?a=1')).status).toBe(200)

  async function stepUp(): Promise<void> {
    const login = (await browser.get('/?a=1')).headers.get('location')!
    const begun = new URL((await browser.get(login)).headers.get('location')!)
    expect(begun.searchParams.get('acr_values')).toBe('urn:example:mfa')
    const { pathname, search } = new URL(await logInAt(login), stage.origin(0))
    expect(pathname + search).toBe('/?a=1')
  }
}
