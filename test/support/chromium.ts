import { existsSync } from 'node:fs'
import { chromium, type Browser } from 'playwright-core'

const EXECUTABLE = '/usr/bin/chromium'

/** Why there is no Chromium to test with; `undefined` if there is one, or must be. */
export const noChromium: string | undefined =
  existsSync(EXECUTABLE) || process.env.TOKENWARD_REQUIRE_ALL
    ? undefined
    : `${EXECUTABLE} is not installed (apt-get install chromium)`

/** Debian's Chromium, which speaks to nobody but this machine. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  })
}
