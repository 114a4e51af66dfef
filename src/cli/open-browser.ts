import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { LoginError } from '../errors.js'
import { findOpener, type Opener } from './opener.js'

/**
 * Whether this terminal's user has a browser that can be opened from here. Not over SSH, not in a
 * container or a CI job, not without a display, unless the environment's `BROWSER` names a command.
 * Looks at the environment and at `PATH`; starts nothing.
 *
 * @public
 */
export function canOpenBrowser(): boolean {
  return opener() !== undefined
}

/**
 * Opens a URL in the user's browser: the command in `BROWSER`, else the platform's own (`open`,
 * `xdg-open`, `rundll32`, `wslview`). The browser is a process of its own: it neither keeps this
 * one alive nor ends with it.
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
