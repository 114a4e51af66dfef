/** What the search for a way to open a browser looks at. */
export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a command is in one of the folders of `PATH`. */
  readonly hasCommand: (name: string) => boolean
}

/** @param url - the last argument, unless one of `args` has a `%s` for it */
export interface Opener {
  readonly command: string
  readonly args: readonly string[]
}

/**
 * The command that opens a URL in the browser of the user who sits before this terminal;
 * `undefined` where there is none: over SSH, in a container, in CI, without a display.
 *
 * `BROWSER` outranks all else: editors with a terminal of their own (Codespaces, dev containers)
 * put a command there that opens the browser on the user's machine. `none` means none.
 *
 * @internal
 */
export function findOpener({ platform, env, hasCommand }: Surroundings): Opener | undefined {
  if (env.BROWSER) return ownBrowser(env.BROWSER)
  const isCi = Boolean(env.CI) && env.CI !== 'false'
  if (isCi || env.SSH_CONNECTION || env.SSH_TTY) return undefined
  if (platform === 'darwin') return { command: 'open', args: [] }
  // Not `start`, which is cmd.exe's own and reads `&` as the end of the URL.
  if (platform === 'win32') return { command: 'rundll32', args: ['url.dll,FileProtocolHandler'] }
  if (env.WSL_DISTRO_NAME) return ofWsl(hasCommand)
  const hasDisplay = Boolean(env.DISPLAY || env.WAYLAND_DISPLAY)
  return hasDisplay && hasCommand('xdg-open') ? { command: 'xdg-open', args: [] } : undefined
}

function ownBrowser(browser: string): Opener | undefined {
  const [command, ...args] = browser.trim().split(/\s+/)
  return command && command !== 'none' ? { command, args } : undefined
}

/** A browser of Windows': the Linux side seldom has one. */
function ofWsl(hasCommand: Surroundings['hasCommand']): Opener | undefined {
  if (hasCommand('wslview')) return { command: 'wslview', args: [] }
  if (!hasCommand('rundll32.exe')) return undefined
  return { command: 'rundll32.exe', args: ['url.dll,FileProtocolHandler'] }
}
