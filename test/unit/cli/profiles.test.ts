import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileStore, profiles } from 'tokenward/cli'
import { TokenOptionsError, TokenStoreError } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sessionPath } from '../../../src/stores/file/session-place.js'
import { newSession } from '../../../src/stores/stored-session.js'
import { rejectionOf, TOKENS } from './support.js'

const app = 'tokenward-test'
let home: string
let work: string

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'tokenward-profiles-')))
  work = join(home, 'work/deep')
  await mkdir(work, { recursive: true })
  vi.stubEnv('XDG_STATE_HOME', join(home, 'state'))
  vi.stubEnv('MY_PROFILE', undefined)
  vi.spyOn(process, 'cwd').mockReturnValue(work)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(home, { recursive: true })
})

const mine = () => profiles({ app, variable: 'MY_PROFILE' })
const logIn = (profile: string) =>
  fileStore({ app, profile }).save(newSession(TOKENS), { ifVersion: undefined })
const sessions = () => dirname(sessionPath('test', { app }))

/** What sync tools put beside a file that two machines have changed. */
const CONFLICT_COPIES = [
  "work (Ada's conflicted copy 2026-11-28).json", // Dropbox
  'work.sync-conflict-20261128-101010-ABCDEFG.json', // Syncthing
  'work 2.json', // iCloud
  'work (1).json', // Google Drive
]

describe('the list of profiles', () => {
  it('is empty before the first login', async () => {
    expect(await mine().list()).toEqual([])
  })

  it('has the names as they were given, and no file that is no profile’s', async () => {
    for (const name of ['work', 'Ada Lovelace', 'ü.1']) await logIn(name)
    const others = [...CONFLICT_COPIES, 'x.json.damaged', '%zz.json', 'W.json']
    for (const other of others) await writeFile(join(sessions(), other), '{}')
    expect(await mine().list()).toEqual(['Ada Lovelace', 'work', 'ü.1'])
  })
})

describe('the current profile', () => {
  it('is the default, until one is switched to', async () => {
    expect(await mine().current()).toEqual({ name: 'default', from: 'default' })
    await mine().switch('work')
    expect(await mine().current()).toMatchObject({ name: 'work', from: 'switched' })
    await mine().switch('home')
    expect(await mine().current()).toMatchObject({ name: 'home' })
  })

  it('is not chosen by another user, nor waited for at a pipe', async () => {
    const path = join(home, `.${app}-profile`)
    await writeFile(path, 'production')
    const user = vi.spyOn(process, 'geteuid').mockReturnValue(54_321)
    await expect(mine().current()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    user.mockRestore()
    expect(await mine().current()).toMatchObject({ name: 'production' })
    await rm(path)
    execFileSync('mkfifo', [path])
    await expect(mine().current()).rejects.toThrow('is not a file')
  })

  it('is that of the folder, or of one above it', async () => {
    await mine().switch('work')
    await mine().switch('client', { folder: join(home, 'work') })
    const path = join(home, 'work', `.${app}-profile`)
    expect(await mine().current()).toEqual({ name: 'client', from: 'folder', path })
    await mine().switch('nearer', { folder: work })
    expect(await mine().current()).toMatchObject({ name: 'nearer' })
  })

  it('is that of the environment, and before it that of the argument', async () => {
    await mine().switch('client', { folder: work })
    vi.stubEnv('MY_PROFILE', 'ci')
    expect(await mine().current()).toEqual({ name: 'ci', from: 'environment' })
    expect(await mine().current('mine')).toEqual({ name: 'mine', from: 'argument' })
    expect(await profiles({ app }).current()).toMatchObject({ from: 'folder' })
  })

  it('is nobody’s but the user’s to read, and no half of it is ever there', async () => {
    await mine().switch('work')
    const { path } = await mine().current()
    expect((await stat(path!)).mode & 0o777).toBe(0o600)
    expect(await readdir(dirname(path!))).toEqual(['profile'])
  })

  it.each(['../../etc/passwd', '', 'a\u001b[2J'])(
    'is an error in a file that says %j',
    async (text) => {
      await writeFile(join(work, `.${app}-profile`), text)
      const error = await rejectionOf(mine().current())
      expect(error).toBeInstanceOf(TokenStoreError)
      expect(error).toMatchObject({ reason: 'damaged', isTransient: false })
      expect(error.message).toContain(join(work, `.${app}-profile`))
      expect(error.message).not.toContain('\u001b')
    },
  )

  it('may be written by an editor with its marks', async () => {
    await writeFile(join(work, `.${app}-profile`), '\uFEFFwork\r\n')
    expect(await mine().current()).toMatchObject({ name: 'work' })
  })

  it.each(['../x', '/etc/passwd', ''])('is no path: %j', async (name) => {
    expect(await rejectionOf(mine().current(name))).toBeInstanceOf(TokenOptionsError)
    expect(await rejectionOf(mine().switch(name))).toBeInstanceOf(TokenOptionsError)
    vi.stubEnv('MY_PROFILE', name)
    if (name) expect(await rejectionOf(mine().current())).toBeInstanceOf(TokenOptionsError)
  })
})

describe('a profile that is removed', () => {
  it('is gone, and no other is touched', async () => {
    await logIn('work')
    await logIn('home')
    await mine().switch('work')
    await mine().remove('work')
    expect(await mine().list()).toEqual(['home'])
    expect(await fileStore({ app, profile: 'home' }).load()).toBeDefined()
    expect(await mine().current()).toMatchObject({ name: 'default' })
  })

  it('leaves nothing behind, also of what was damaged, and nothing of another’s is taken', async () => {
    await logIn('work')
    const file = join(sessions(), 'work.json')
    const [lock, aside] = [`${file}.lock`, `${file}.damaged-2026-11-28T10-10-10-000Z-0123abcd`]
    const others = ['work.json.mine', 'home.json.lock', ...CONFLICT_COPIES].sort()
    for (const path of [lock, aside]) await writeFile(path, 'RT')
    for (const other of others) await writeFile(join(sessions(), other), '{}')
    await mine().remove('work')
    expect((await readdir(sessions())).sort()).toEqual(others)
  })

  it('may be gone already', async () => {
    await mine().remove('nobody')
  })
})

describe('a bad option', () => {
  it.each([
    [undefined, 'profiles: `options` must be an object'],
    [{ app: '../x' }, '`app`'],
    [{ app, variable: 'A-B' }, '`variable` must be the name of an environment variable'],
    [{ app, folder: '.' }, 'unknown option `folder`'],
  ])('%j is refused', (options, message) => {
    expect(() => profiles(options as never)).toThrow(message)
  })
})
