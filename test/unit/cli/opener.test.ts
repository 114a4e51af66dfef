import { describe, expect, it } from 'vitest'
import { findOpener } from '../../../src/cli/opener.js'

const RUNDLL = 'url.dll,FileProtocolHandler'

describe('the command that opens a browser', () => {
  it.each<[string, NodeJS.Platform, object, string[], string | undefined]>([
    ['on macOS', 'darwin', {}, [], 'open'],
    ['on Windows', 'win32', {}, [], `rundll32 ${RUNDLL}`],
    ['on a desktop of X11', 'linux', { DISPLAY: ':0' }, ['xdg-open'], 'xdg-open'],
    ['on a desktop of Wayland', 'linux', { WAYLAND_DISPLAY: 'w' }, ['xdg-open'], 'xdg-open'],
    ['on FreeBSD', 'freebsd', { DISPLAY: ':0' }, ['xdg-open'], 'xdg-open'],
    ['where xdg-open is missing', 'linux', { DISPLAY: ':0' }, [], undefined],
    ['without a display, as in a container', 'linux', {}, ['xdg-open'], undefined],
    ['over SSH to Linux', 'linux', { DISPLAY: ':1', SSH_TTY: '/x' }, ['xdg-open'], undefined],
    ['over SSH to macOS', 'darwin', { SSH_CONNECTION: '1 2 3 4' }, [], undefined],
    ['over SSH to Windows', 'win32', { SSH_CONNECTION: '1 2 3 4' }, [], undefined],
    ['not in CI', 'darwin', { CI: 'false' }, [], 'open'],
    ['in CI', 'darwin', { CI: 'true' }, [], undefined],
    ['in WSL with wslu', 'linux', { WSL_DISTRO_NAME: 'Debian' }, ['wslview'], 'wslview'],
    ['in WSL', 'linux', { WSL_DISTRO_NAME: 'D' }, ['rundll32.exe'], `rundll32.exe ${RUNDLL}`],
    ['in WSL without Windows', 'linux', { WSL_DISTRO_NAME: 'D', DISPLAY: ':0' }, [], undefined],
    ['in Codespaces', 'linux', { BROWSER: '/vscode/browser.sh' }, [], '/vscode/browser.sh'],
    ['named with arguments', 'darwin', { BROWSER: 'firefox -P work' }, [], 'firefox -P work'],
    ['named, over SSH', 'linux', { BROWSER: 'lynx', SSH_TTY: '/x' }, [], 'lynx'],
    ['named none', 'darwin', { BROWSER: 'none' }, [], undefined],
    ['named by blanks', 'darwin', { BROWSER: '  ' }, [], undefined],
    ['named by nothing', 'darwin', { BROWSER: '' }, [], 'open'],
  ])('%s', (_, platform, env, commands, expected) => {
    const hasCommand = (name: string) => commands.includes(name)
    const opener = findOpener({ platform, env: env as NodeJS.ProcessEnv, hasCommand })
    expect(opener && [opener.command, ...opener.args].join(' ')).toBe(expected)
  })
})
