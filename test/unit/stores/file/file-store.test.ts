import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { TokenManager, type StoredSession } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newWriteName } from '../../../../src/stores/file/process-name.js'

/** More than any system gives, in base 36. */
const NOBODYS_PID = 'zzzzz'
const isWindows = process.platform === 'win32'
const isRoot = process.getuid?.() === 0

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-file-'))
  path = join(folder, 'new', 'deep', 'session.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('what is written', () => {
  it.skipIf(isWindows)('is for its owner alone, folders that had to be made included', async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    expect(modeOf(path)).toBe(0o600)
    expect(modeOf(join(folder, 'new'))).toBe(0o700)
    expect(modeOf(join(folder, 'new', 'deep'))).toBe(0o700)
    for (const name of readdirSync(join(folder, 'new', 'deep'))) {
      expect(modeOf(join(folder, 'new', 'deep', name))).toBe(0o600)
    }
  })

  it('says its version, and holds the whole record', async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      tokenward: 1,
      write: expect.any(String), // names the state, for whoever replaces it
      session: record(1),
    })
  })

  it('leaves no temporary file, and sweeps those of killed writers, and no other file', async () => {
    const store = fileStore({ path })
    await store.save(record(1), { ifVersion: undefined })
    const ours = newWriteName()
    const left = `${path}.${ours.replace(/^\w+/, NOBODYS_PID)}.tmp`
    const others = [
      `${path}.${ours}.tmp`, // of one that lives
      `${path}.1`,
      `${path}.bak.tmp`,
      `${left}.mine`,
      left.replace('session', 'other'),
    ]
    for (const file of [left, ...others]) writeFileSync(file, 'x')
    await store.save(record(2), { ifVersion: 1 })
    expect(existsSync(left)).toBe(false)
    expect(others.filter((file) => !existsSync(file))).toEqual([])
    expect(readdirSync(join(folder, 'new', 'deep')).filter((n) => n.endsWith('.tmp'))).toHaveLength(
      3,
    )
  })

  it('goes where a symbolic link leads, which shares its locks', async () => {
    mkdirSync(join(folder, 'dotfiles'))
    const real = join(folder, 'dotfiles', 'session.json')
    const link = join(folder, 'link.json')
    await fileStore({ path: real }).save(record(1), { ifVersion: undefined })
    symlinkSync(real, link)
    const [byName, byLink] = [fileStore({ path: real }), fileStore({ path: link })]
    expect(await byLink.save(record(2), { ifVersion: 1 })).toBe(true)
    expect(await byName.load()).toEqual(record(2))
    let isIn = false
    await byName.exclusive!(async () => {
      const patience = AbortSignal.timeout(100)
      const second = byLink.exclusive!(async () => void (isIn = true), { signal: patience })
      await expect(second).rejects.toMatchObject({ reason: 'locked', operation: 'exclusive' })
    })
    expect(isIn).toBe(false)
  })
})

describe.skipIf(isWindows)('a file that others have access to', () => {
  it.each([0o644, 0o640, 0o604, 0o620])('is refused: mode %o', async (mode) => {
    const store = fileStore({ path })
    await store.save(record(1), { ifVersion: undefined })
    chmodSync(path, mode)
    const refused = {
      code: 'ERR_TOKEN_STORE',
      reason: 'failed',
      message: expect.stringContaining(`mode ${mode.toString(8)}`),
    }
    await expect(store.load()).rejects.toMatchObject(refused)
    await expect(store.save(record(2), { ifVersion: 1 })).rejects.toMatchObject(refused)
    expect(modeOf(path)).toBe(mode)
  })

  it('is taken if asked to, and is private again once written', async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    chmodSync(path, 0o644)
    const store = fileStore({ path, allowInsecurePermissions: true })
    expect(await store.load()).toEqual(record(1))
    await store.save(record(2), { ifVersion: 1 })
    expect(modeOf(path)).toBe(0o600)
  })
})

// Azure/azure-cli#21848: a torn cache file reads as "logged out"
describe('a damaged file', () => {
  const whole = JSON.stringify({ tokenward: 1, session: record(1) })

  it.each([
    ['empty', ''],
    ['cut in the middle', whole.slice(0, 100)],
    ['no JSON', 'secret-token'],
    ['JSON of something else', '{"session":{}}'],
    ['null', 'null'],
    ['a list', '[1]'],
    ['without a session', '{"tokenward":1}'],
    ['of a session without tokens', '{"tokenward":1,"session":{"sessionId":"a","version":1}}'],
    ['of a newer format', JSON.stringify({ tokenward: 2, session: record(1) })],
    ['sealed for a keyring', '{"tokenward":1,"sealed":"tw1.x.y"}'],
    ['binary', '\u0000\u0001\ufffd'],
  ])('is an error, and not logged out: %s', async (_, text) => {
    write(text)
    const error: unknown = await fileStore({ path })
      .load()
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_TOKEN_STORE', reason: 'damaged', isTransient: false })
    expect(inspect(error)).not.toContain('secret')
    expect(readFileSync(path, 'utf8')).toBe(text)
  })

  it('is not seeded over', async () => {
    write(whole.slice(0, 100))
    const initialTokens = { access_token: 'seed', refresh_token: 'seed', expires_in: 3_600 }
    const tokens = new TokenManager({
      refresh: neverAsked,
      store: fileStore({ path }),
      initialTokens,
    })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'damaged' })
    await tokens.close()
    expect(readFileSync(path, 'utf8')).toBe(whole.slice(0, 100))
  })

  it.each(['login', 'logout'] as const)('is replaced by a %s, and kept beside it', async (act) => {
    write(whole.slice(0, 100))
    const tokens = new TokenManager({ refresh: neverAsked, store: fileStore({ path }) })
    const login = { access_token: 'next', refresh_token: 'next', expires_in: 3_600 }
    await (act === 'login' ? tokens.setTokens(login) : tokens.signOut())
    await tokens.close()
    const next = await fileStore({ path }).load()
    expect(next?.tokens?.accessToken).toBe(act === 'login' ? 'next' : undefined)
    const [aside, ...more] = readdirSync(join(path, '..')).filter((n) => n.includes('.damaged-'))
    expect(more).toEqual([])
    expect(readFileSync(join(path, '..', aside!), 'utf8')).toBe(whole.slice(0, 100))
    if (!isWindows) expect(modeOf(join(path, '..', aside!))).toBe(0o600)
  })

  function write(text: string): void {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
    writeFileSync(path, text, { mode: 0o600 })
  }
})

// buildkite/cli#982: rotating into a store that cannot be written
describe('a place that cannot be written', () => {
  it('is an error that says so, for a save and for the lease', async () => {
    writeFileSync(join(folder, 'new'), 'a file where a folder should be')
    const store = fileStore({ path })
    const unwritable = { reason: 'unwritable', message: expect.stringContaining('ENOTDIR') }
    await expect(store.save(record(1), { ifVersion: undefined })).rejects.toMatchObject(unwritable)
    await expect(store.exclusive!(async () => 1)).rejects.toMatchObject(unwritable)
  })

  it.skipIf(isWindows)('can be read all the same: a folder of mode 0500', async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    await asNobody(async () => {
      chmodSync(join(path, '..'), 0o500)
      const store = fileStore({ path })
      expect(await store.load()).toEqual(record(1))
      const saved = store.save(record(2), { ifVersion: 1 })
      await expect(saved).rejects.toMatchObject({ reason: 'unwritable' })
      expect(await store.load()).toEqual(record(1))
    })
  })

  it('is told from a file that cannot be read', async () => {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const failed = {
      reason: 'failed',
      operation: 'load',
      message: expect.stringContaining('EISDIR'),
    }
    await expect(fileStore({ path }).load()).rejects.toMatchObject(failed)
  })
})

describe('the lease', () => {
  it('is lost when its folder is removed, also if another makes it anew', async () => {
    const store = fileStore({ path })
    await store.exclusive!(async (lease) => {
      expect(lease.isHeld()).toBe(true)
      rmSync(join(folder, 'new'), { recursive: true })
      expect(lease.isHeld()).toBe(false)
      await fileStore({ path }).exclusive!(async (next) => expect(next.isHeld()).toBe(true))
      expect(lease.isHeld()).toBe(false)
    })
  })

  it('is not waited for once the signal is aborted', async () => {
    const store = fileStore({ path })
    await fileStore({ path }).exclusive!(async () => {
      const gone = store.exclusive!(async () => expect.fail('in'), { signal: AbortSignal.abort() })
      await expect(gone).rejects.toMatchObject({ reason: 'locked' })
    })
    expect(await store.exclusive!(async () => 'in')).toBe('in')
  })
})

describe('a store that keeps the refresh token only', () => {
  it('writes no other token, and gives the process its own back', async () => {
    const store = fileStore({ path, keep: 'refresh-token' })
    await store.save(record(1), { ifVersion: undefined })
    expect(readFileSync(path, 'utf8')).not.toMatch(/secret-(access|id)/)
    expect(readFileSync(path, 'utf8')).toContain('secret-refresh')
    expect(await store.load()).toEqual(record(1))
    expect(inspect(await store.load(), { depth: 9 })).not.toContain('secret')
  })

  it('gives another process an access token that has expired', async () => {
    await fileStore({ path, keep: 'refresh-token' }).save(record(1), { ifVersion: undefined })
    const { tokens } = (await fileStore({ path, keep: 'refresh-token' }).load())!
    expect(tokens).toMatchObject({ expiresAt: 0, refreshToken: 'secret-refresh', scope: 'all' })
    expect(tokens?.accessToken).not.toContain('secret')
  })

  it("keeps its access token beside a refresh token that another process's refresh brought", async () => {
    const one = fileStore({ path, keep: 'refresh-token' })
    await one.save(record(1), { ifVersion: undefined })
    const rotated = { ...record(2), tokens: { ...record(2).tokens!, refreshToken: 'secret-next' } }
    await fileStore({ path, keep: 'refresh-token' }).save(rotated, { ifVersion: 1 })
    expect(await one.load()).toEqual(rotated)
  })

  it("does not mix its access token into another's session", async () => {
    const one = fileStore({ path, keep: 'refresh-token' })
    await one.save(record(1), { ifVersion: undefined })
    const other = { ...record(2), sessionId: 'another' }
    await fileStore({ path, keep: 'refresh-token' }).save(other, { ifVersion: 1 })
    expect((await one.load())?.tokens?.expiresAt).toBe(0)
    await fileStore({ path }).save({ ...other, version: 3, tokens: null }, { ifVersion: 2 })
    expect((await one.load())?.tokens).toBeNull()
  })

  it('costs each process one refresh, and no more', async () => {
    let requests = 0
    const refresh = async ({ refreshToken }: { refreshToken: string }) => {
      expect(refreshToken).toBe(`r${requests++}`)
      return { access_token: `a${requests}`, refresh_token: `r${requests}`, expires_in: 3_600 }
    }
    const process1 = new TokenManager({
      refresh,
      store: fileStore({ path, keep: 'refresh-token' }),
    })
    await process1.setTokens({ access_token: 'a0', refresh_token: 'r0', expires_in: 3_600 })
    const process2 = new TokenManager({
      refresh,
      store: fileStore({ path, keep: 'refresh-token' }),
    })
    expect(await process2.getAccessToken()).toBe('a1')
    expect(await process2.getAccessToken()).toBe('a1')
    expect(await process1.getAccessToken()).toBe('a0')
    expect(await process1.refresh({ rejected: 'a0' })).toBe('a2')
    expect(requests).toBe(2)
  })
})

describe('options', () => {
  it.each([
    [undefined, /fileStore: options wanted \(path, app, .*\), got undefined/],
    ['session.json', /fileStore: options wanted .* got string/],
    [{}, /either `path` or `app` wanted, got neither/],
    [{ path: 'x', app: 'y' }, /either `path` or `app` wanted, got both/],
    [{ path: 'x', profile: 'y' }, /`profile` goes with `app`/],
    [{ path: '' }, /`path`: the path of a file wanted/],
    [{ path: 'a\0b' }, /`path`: the path of a file wanted/],
    [{ path: 7 }, /`path`: the path of a file wanted, got number/],
    [{ path: 'x', keep: 'nothing' }, /`keep`: 'all' or 'refresh-token'/],
    [{ path: 'x', mode: 0o644 }, /unknown option `mode`/],
    [{ path: 'x', allowInsecurePermissions: 1 }, /`allowInsecurePermissions`: a boolean wanted/],
  ])('are refused: %j', (options, message) => {
    expect(() => fileStore(options as never)).toThrow(message)
    expect(() => fileStore(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_OPTIONS' }),
    )
  })
})

describe('a file store', () => {
  it('shows its path and no token when it is inspected', async () => {
    const store = fileStore({ path, keep: 'refresh-token' })
    await store.save(record(1), { ifVersion: undefined })
    const shown = inspect(store, { depth: 9, showHidden: true })
    expect(shown).toContain(path)
    expect(shown).not.toContain('secret')
  })
})

const neverAsked = () => Promise.reject(new Error('no refresh is wanted here'))

function record(version: number): StoredSession {
  return {
    sessionId: 'session',
    version,
    tokens: {
      accessToken: 'secret-access',
      tokenType: 'Bearer',
      refreshToken: 'secret-refresh',
      idToken: 'secret-id',
      scope: 'all',
      issuedAt: 1_000,
      expiresAt: 4_000_000_000_000,
    },
  }
}

/** Root writes everywhere. */
async function asNobody(act: () => Promise<void>): Promise<void> {
  if (!isRoot) return act()
  const nobody = 65_534
  for (const file of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(folder, file), nobody, nobody)
  }
  process.seteuid!(nobody)
  try {
    await act()
  } finally {
    process.seteuid!(0)
  }
}

function modeOf(file: string): number {
  return statSync(file).mode & 0o777
}
