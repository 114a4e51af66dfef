import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { LoginError } from '../errors.js'
import { findOpener, type Opener } from './opener.js'

/**
 * Whether this program can open a browser for the user of this terminal. It is `false` over SSH, in a
 * container, in a CI job and without a display, unless the environment variable `BROWSER` names a
 * command. It looks only at the environment and at `PATH`, and starts no process.
 *
 * @public
 */
export function canOpenBrowser(): boolean {
  return opener() !== undefined
}

/**
 * Opens a URL in the user's browser, with the command in the environment variable `BROWSER` or else
 * that of the platform (`open`, `xdg-open`, `rundll32`, `wslview`). The browser is a separate
 * process: it does not keep this process running, and does not end with it.
 *
 * @throws LoginError `no-browser` if there is none, or its command cannot be started
 * @public
 */
export async function openBrowser(url: string): Promise<void> {
  const found = opener()
  if (!found) throw noBrowser()
  const { spawn } = await import('node:child_process')
  await new Promise<void>((resolve, reject) => {
    const child = spawn(found.command, withUrl(found, url), { detached: true, stdio: 'ignore' })
    // Its error would quote the command line, and with it the URL.
    child.once('error', () => reject(noBrowser(found.command)))
    child.once('spawn', resolve)
    child.unref()
  })
}

function opener(): Opener | undefined {
  return findOpener({ platform: process.platform, env: process.env, hasCommand })
}

function hasCommand(name: string): boolean {
  const folders = process.env.PATH?.split(delimiter) ?? []
  return folders.some((folder) => folder !== '' && existsSync(join(folder, name)))
}

function withUrl({ args }: Opener, url: string): string[] {
  const hasPlace = args.some((arg) => arg.includes('%s'))
  return hasPlace ? args.map((arg) => arg.replace('%s', () => url)) : [...args, url]
}

function noBrowser(command?: string): LoginError {
  const why = command ? `: ${command} could not be started` : ''
  return new LoginError(`No browser can be opened from here${why}`, { reason: 'no-browser' })
}
