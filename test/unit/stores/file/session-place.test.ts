import { syncBuiltinESMExports } from 'node:module'
import os, { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { fileStore, keyringStore, localStore, profiles } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { sessionPath } from '../../../../src/stores/file/session-place.js'

const path = (app: string, profile?: string) => sessionPath('fileStore', { app, profile })

beforeEach(() => vi.stubEnv('XDG_STATE_HOME', '/state'))
afterEach(() => vi.unstubAllEnvs())

describe.skipIf(process.platform !== 'linux')('the place of a profile', () => {
  it("is in the platform's folder for state", () => {
    expect(path('my-cli')).toBe('/state/my-cli/sessions/default.json')
    expect(path('my-cli', 'work')).toBe('/state/my-cli/sessions/work.json')
    vi.stubEnv('XDG_STATE_HOME', '')
    expect(path('my-cli')).toBe(join(homedir(), '.local/state/my-cli/sessions/default.json'))
    vi.stubEnv('XDG_STATE_HOME', 'relative') // counts as not set, as its specification says
    expect(path('my-cli')).toBe(join(homedir(), '.local/state/my-cli/sessions/default.json'))
  })

  it.each(['', 'relative'])('is never in the current folder: HOME is %j', (home) => {
    vi.stubEnv('XDG_STATE_HOME', '')
    vi.stubEnv('HOME', home)
    expect(path('my-cli')).toBe(
      join(userInfo().homedir, '.local/state/my-cli/sessions/default.json'),
    )
  })

  it('is another for each name, also where the file system knows no case', () => {
    const names = ['work', 'Work', 'WORK', 'w ork', 'w%20ork'.replaceAll('%', '+'), 'wörk', 'worK']
    const paths = names.map((name) => path('my-cli', name).toLowerCase())
    expect(new Set(paths).size).toBe(names.length)
    expect(path('my-cli', 'Ä b')).toMatch(/\/%c3%84%20b\.json$/)
  })

  it('is the same for a name however its accents are written', () => {
    expect(path('my-cli', 'wörk'.normalize('NFD'))).toBe(path('my-cli', 'wörk'.normalize('NFC')))
  })
})

describe.skipIf(process.platform === 'win32')('on another platform, the place of a profile', () => {
  const onPlatform = (platform: NodeJS.Platform) => {
    const restore = Object.getOwnPropertyDescriptor(process, 'platform')!
    Object.defineProperty(process, 'platform', { ...restore, value: platform })
    try {
      return path('my-cli')
    } finally {
      Object.defineProperty(process, 'platform', restore)
    }
  }
  const end = 'sessions/default.json'

  it('is where macOS has the data of programs', () => {
    expect(onPlatform('darwin')).toBe(join(homedir(), 'Library/Application Support/my-cli', end))
  })

  it('is where Windows has the data of programs that stays on this machine', () => {
    vi.stubEnv('LOCALAPPDATA', '/local')
    expect(onPlatform('win32')).toBe(join('/local/my-cli/Data', end))
    vi.stubEnv('LOCALAPPDATA', '')
    expect(onPlatform('win32')).toBe(join(homedir(), 'AppData/Local/my-cli/Data', end))
  })
})

describe('a name', () => {
  it.each([
    ...['', '.', '..', '../other', 'a/b', 'a\\b', '/etc/passwd', 'C:x', '.hidden', '-rf', '~'],
    ...['a\nb', 'a\0b', 'ends.', 'ends ', ' begins', 'con', 'NUL.txt', 'x'.repeat(65), '💥'],
    ...['%2e%2e', 'ä'.repeat(64)],
  ])('that is a path, or no name, is refused: %j', (name) => {
    expect(() => path('my-cli', name)).toThrow(/fileStore: `profile` must be a/)
    if (name !== 'ä'.repeat(64)) expect(() => path(name)).toThrow(/fileStore: `app` must be a/)
  })

  it.each([7, null, {}])('must be a text: %j', (name) => {
    expect(() => path('my-cli', name as never)).toThrow(/`profile`/)
    expect(() => path(name as never)).toThrow(/`app`/)
  })

  it.each(['me@example.com', 'staging-2', 'Max Müller', '日本', 'a.b_c+d', '0'])(
    'may be %s',
    (name) => {
      expect(path('my-cli', name)).toMatch(/\.json$/)
    },
  )
})

describe('a place that cannot be', () => {
  it.each<[string, () => unknown, string[]]>([
    ['fileStore', () => fileStore({ app: '' }), ['app']],
    ['keyringStore', () => keyringStore({ service: 'a/b', account: 'me' }), ['service']],
    ['keyringStore', () => keyringStore({ service: 'a', account: 'a/b' }), ['account']],
    ['keyringStore', () => keyringStore({ service: 'a', account: 'Ä'.repeat(60) }), ['account']],
    ['localStore', () => localStore({ app: 'a', profile: 'Ä'.repeat(60) }), ['profile']],
    ['profiles', () => profiles({ app: 'a/b' }), ['app']],
  ])('is told by %s with names of its own options', (owner, make, named) => {
    expect(namesIn(make, owner)).toEqual(named)
  })

  it('is told without a way out that is none', () => {
    vi.stubEnv('XDG_STATE_HOME', '')
    vi.spyOn(os, 'homedir').mockReturnValue('')
    vi.spyOn(os, 'userInfo').mockReturnValue({ ...os.userInfo(), homedir: '' })
    syncBuiltinESMExports()
    onTestFinished(() => {
      vi.restoreAllMocks()
      syncBuiltinESMExports()
    })
    expect(namesIn(() => fileStore({ app: 'a' }), 'fileStore')).toEqual(['app', 'path'])
    expect(namesIn(() => keyringStore({ service: 'a', account: 'b' }), 'keyringStore')).toEqual(['service', 'path']) // prettier-ignore
    expect(namesIn(() => localStore({ app: 'a' }), 'localStore')).toEqual(['app'])
    expect(namesIn(() => profiles({ app: 'a' }), 'profiles')).toEqual(['app'])
  })

  function namesIn(make: () => unknown, owner: string): (string | undefined)[] {
    try {
      make()
    } catch (error) {
      expect(String(error)).toContain(`${owner}: `)
      return [...String(error).matchAll(/`(\w+)`/g)].map(([, name]) => name)
    }
    return expect.fail('was taken')
  }
})

describe('a path', () => {
  it('is taken as it is, from the folder in which the program was started', () => {
    expect(sessionPath('fileStore', { path: 'a/../b.json' })).toBe(resolve('b.json'))
  })
})
