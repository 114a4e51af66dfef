import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { memoryStore, TokenManager, type StoredSession, type TokenStore } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepInMemory } from '../../../../src/stores/file/keep.js'
import { newWriteName } from '../../../../src/stores/file/process-name.js'
import { readSettled } from '../../../../src/stores/file/replace-file.js'
import { asNobody, isRoot } from './support/as-nobody.js'

/** More than any system gives, in base 36. */
const NOBODYS_PID = 'zzzzz'
const isWindows = process.platform === 'win32'

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
      join(folder, 'new/deep', 'session (conflicted copy).json'), // of a sync tool
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
    // A claim that is left behind would be finished by whoever reads it next.
    expect(readdirSync(dirname(path))).toEqual([basename(path)])
    chmodSync(path, 0o600)
    expect(await store.load()).toEqual(record(1))
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
    ['edited by hand, with a comma too many', whole.replace(/}$/, ',}')],
    ['merged by a sync tool', `<<<<<<< mine\n${whole}\n=======\n${whole}\n>>>>>>> theirs`],
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

  it.each([
    ['a byte order mark', `\uFEFF${whole}`],
    ['CRLF', JSON.stringify(JSON.parse(whole), null, 2).replaceAll('\n', '\r\n')],
  ])('is none that an editor has written with %s', async (_, text) => {
    write(text)
    expect(await fileStore({ path }).load()).toEqual(record(1))
    expect(await fileStore({ path }).save(record(2), { ifVersion: 1 })).toBe(true)
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
    await asNobody(folder, async () => {
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

describe('a symbolic link', () => {
  it('that leads to nothing yet is followed: the tokens are written where it leads', async () => {
    const real = join(folder, 'elsewhere', 'session.json')
    const link = join(folder, 'link.json')
    symlinkSync(real, link)
    await fileStore({ path: link }).save(record(1), { ifVersion: undefined })
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(await fileStore({ path: real }).load()).toEqual(record(1))
  })

  it('that leads to itself is an error', async () => {
    const link = join(folder, 'link.json')
    symlinkSync(link, link)
    await expect(fileStore({ path: link }).load()).rejects.toThrow(/leads to itself/)
  })

  it('at the name of the lease is not followed', async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    const victim = join(folder, 'victim')
    symlinkSync(victim, `${path}.lock`)
    const leased = fileStore({ path }).exclusive!(async () => expect.fail('in'))
    await expect(leased).rejects.toThrow(
      /session\.json\.lock is a symbolic link, so it is not used/,
    )
    expect(existsSync(victim)).toBe(false)
  })
})

// As root, one would hand new tokens to whoever planted the old ones.
describe.skipIf(!isRoot)("another user's", () => {
  const nobody = 65_534
  const refused = { code: 'ERR_TOKEN_STORE', isTransient: false }

  beforeEach(() => fileStore({ path }).save(record(1), { ifVersion: undefined }))
  afterEach(() => vi.unstubAllEnvs())

  it('file is neither believed nor replaced', async () => {
    chownSync(path, nobody, nobody)
    const store = fileStore({ path })
    await expect(store.load()).rejects.toMatchObject(refused)
    await expect(store.load()).rejects.toThrow(
      /belongs to the user with the ID 65534.*sudo chown 0/,
    )
    await expect(store.save(record(2), { ifVersion: 1 })).rejects.toMatchObject(refused)
    expect(statSync(path).uid).toBe(nobody)
  })

  it('link is not followed', async () => {
    const link = join(folder, 'link.json')
    symlinkSync(path, link)
    lchownSync(link, nobody, nobody)
    await expect(fileStore({ path: link }).load()).rejects.toMatchObject(refused)
  })

  it('folder is not used', async () => {
    chownSync(join(path, '..'), nobody, nobody)
    await expect(fileStore({ path }).load()).rejects.toThrow(/Other users can change what is in/)
  })

  it('lease file is not believed', async () => {
    writeFileSync(`${path}.lock`, '{}')
    chownSync(`${path}.lock`, nobody, nobody)
    const leased = fileStore({ path }).exclusive!(async () => expect.fail('in'))
    await expect(leased).rejects.toMatchObject(refused)
  })

  it('file is used where that user called sudo, and all stays theirs', async () => {
    for (const file of [folder, join(path, '..'), path]) chownSync(file, nobody, nobody)
    vi.stubEnv('SUDO_UID', String(nobody))
    const store = fileStore({ path })
    expect(await store.load()).toEqual(record(1))
    await store.exclusive!(async () =>
      expect(await store.save(record(2), { ifVersion: 1 })).toBe(true),
    )
    const other = join(folder, 'more', 'deep', 'other.json')
    await fileStore({ path: other }).save(record(1), { ifVersion: undefined })
    for (const file of [path, `${path}.lock`, other, join(other, '..'), join(other, '../..')]) {
      expect(statSync(file).uid, file).toBe(nobody)
    }
  })
})

describe.skipIf(isWindows)('a folder that others can write', () => {
  it.each([0o777, 0o757])('is refused: mode %o', async (mode) => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    chmodSync(join(path, '..'), mode)
    await expect(fileStore({ path }).load()).rejects.toThrow(
      /Other users can change what is in.*chmod go-w/,
    )
    expect(await fileStore({ path, allowInsecurePermissions: true }).load()).toEqual(record(1))
  })
})

// A writer may be killed or stopped after any of its steps.
describe('a save that another process has claimed, and not finished', () => {
  const claim = async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    const before = await readSettled(path)
    vi.spyOn(fs, 'rename').mockImplementationOnce(() => new Promise(() => undefined))
    syncBuiltinESMExports()
    void fileStore({ path }).save(record(2), { ifVersion: 1 })
    const claimed = `${path}.${before.key}.next`
    await vi.waitFor(() => expect(existsSync(claimed)).toBe(true))
    await vi.waitFor(() => expect(fs.rename).toHaveBeenCalled())
    vi.restoreAllMocks()
    syncBuiltinESMExports()
    return claimed
  }

  it('is what whoever reads it finds', async () => {
    const claimed = await claim()
    expect(await fileStore({ path }).load()).toEqual(record(2))
    expect(await fileStore({ path }).save(record(3), { ifVersion: 1 })).toBe(false)
    expect(await fileStore({ path }).save(record(3), { ifVersion: 2 })).toBe(true)
    expect(existsSync(claimed)).toBe(false) // swept
    expect(await fileStore({ path }).load()).toEqual(record(3))
  })

  it('does not hold up anybody where the file is set back to what it replaced', async () => {
    const old = await fileStore({ path })
      .save(record(1), { ifVersion: undefined })
      .then(() => readFileSync(path))
    rmSync(path)
    await claim()
    await fileStore({ path }).load()
    writeFileSync(path, old)
    expect(await fileStore({ path }).load()).toEqual(record(1))
    expect(await fileStore({ path }).save(record(3), { ifVersion: 1 })).toBe(true)
  })
})

describe('the lease', () => {
  it.each([
    ['that is gone', newWriteName().replace(/^\w+/, NOBODYS_PID)],
    ['whose process ID another process has by now', newWriteName().replace(/-\w+/, '-1')],
  ])('of a process %s is free at once', async (_, write) => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    writeFileSync(`${path}.lock`, `{"tokenward":"lease","held":1,"write":"${write}"}\n`)
    const patience = AbortSignal.timeout(1_000)
    const leased = fileStore({ path }).exclusive!(async () => 'in', { signal: patience })
    expect(await leased).toBe('in')
  })

  it('is not waited for once other tokens are stored', async () => {
    const [one, two] = [fileStore({ path }), fileStore({ path })]
    await one.save(record(1), { ifVersion: undefined })
    await two.load()
    await one.exclusive!(async () => {
      const early = two.exclusive!(async (lease) => lease.isHeld(), { wakeOnChange: true })
      const next = { ...record(2), tokens: { ...record(2).tokens!, accessToken: 'secret-next' } }
      await one.save(next, { ifVersion: 1 })
      expect(await early).toBe(false)
    })
  })

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

  it('gives another process no access token, and nobody one that stands in its place', async () => {
    await fileStore({ path, keep: 'refresh-token' }).save(record(1), { ifVersion: undefined })
    const { tokens } = (await fileStore({ path, keep: 'refresh-token' }).load())!
    expect(tokens).toMatchObject({
      accessToken: '',
      expiresAt: 0,
      refreshToken: 'secret-refresh',
      scope: 'all',
    })
    const revoke = vi.fn()
    const refresh = vi.fn(async () => ({ access_token: 'a1', expires_in: 3_600 }))
    const store = fileStore({ path, keep: 'refresh-token' })
    const manager = new TokenManager({ refresh, revoke, store })
    expect(await manager.getTokens()).toEqual(tokens)
    expect(manager.peek()).toBeUndefined()
    await manager.setTokens((await manager.getTokens())!) // as one who copies a session would
    expect(await manager.getAccessToken()).toBe('a1')
    expect(refresh).toHaveBeenCalledWith(expect.objectContaining({ tokens }))
    const another = new TokenManager({
      refresh,
      revoke,
      store: fileStore({ path, keep: 'refresh-token' }),
    })
    await another.signOut()
    expect(revoke).toHaveBeenCalledWith(expect.objectContaining({ tokens }))
  })

  it("keeps its access token beside a refresh token that another process's refresh brought", async () => {
    const one = fileStore({ path, keep: 'refresh-token' })
    await one.save(record(1), { ifVersion: undefined })
    const rotated = { ...record(2), tokens: { ...record(2).tokens!, refreshToken: 'secret-next' } }
    await fileStore({ path, keep: 'refresh-token' }).save(rotated, { ifVersion: 1 })
    expect(await one.load()).toEqual(rotated)
  })

  it('goes on with what is stored where a save fails', async () => {
    const store = fileStore({ path, keep: 'refresh-token' })
    await store.save(record(1), { ifVersion: undefined })
    const lost = { ...record(2), tokens: { ...record(2).tokens!, accessToken: 'secret-lost' } }
    expect(await store.save(lost, { ifVersion: 7 })).toBe(false)
    expect((await store.load())?.tokens?.accessToken).toBe('secret-access')
  })

  it('goes on with what a save brought that failed, though it has been done', async () => {
    const { inner, store } = landsUnheard(2)
    await store.save(record(1), { ifVersion: undefined })
    const next = { ...record(2), tokens: { ...record(2).tokens!, accessToken: 'secret-next' } }
    await expect(store.save(next, { ifVersion: 1 })).rejects.toThrow('gone')
    expect((await store.load())?.tokens?.accessToken).toBe('secret-next')
    const rotated = { ...next.tokens, refreshToken: 'secret-other' } // by another process
    const after = { ...record(3), ancestors: [2], tokens: rotated }
    await inner.save(after, { ifVersion: 2 })
    expect((await store.load())?.tokens).toMatchObject(rotated)
  })

  it('goes on with what a failed save brought that another process has built on already', async () => {
    const { inner, store } = landsUnheard(1)
    await store.save(record(1), { ifVersion: undefined }).catch(() => undefined)
    const { tokens } = record(1)
    await inner.save({ ...record(2), ancestors: [1], tokens }, { ifVersion: 1 })
    expect((await store.load())?.tokens?.accessToken).toBe('secret-access')
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
    [undefined, /fileStore: `options` must be an object, got undefined/],
    ['session.json', /fileStore: `options` must be an object, got another string/],
    [{}, /pass either `path` or `app`, got neither/],
    [{ path: 'x', app: 'y' }, /pass either `path` or `app`, got both/],
    [{ path: 'x', profile: 'y' }, /`profile` can only be used with `app`/],
    [{ path: '' }, /`path` must be the path of a file/],
    [{ path: 'a\0b' }, /`path` must be the path of a file/],
    [{ path: 7 }, /`path` must be the path of a file, got 7/],
    [{ path: 'x', keep: 'nothing' }, /`keep` must be 'all' or 'refresh-token'/],
    [{ path: 'x', mode: 0o644 }, /unknown option `mode`/],
    [{ path: 'x', allowInsecurePermissions: 1 }, /`allowInsecurePermissions` must be a boolean/],
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

/** Keeps the refresh token only; the save of this version is done, and fails all the same. */
function landsUnheard(version: number) {
  const inner = memoryStore()
  const save: TokenStore['save'] = async (session, condition) => {
    await inner.save(session, condition)
    if (session.version === version) throw new Error('the connection is gone')
    return true
  }
  return { inner, store: keepInMemory({ load: () => inner.load(), save }, 'refresh-token') }
}

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

function modeOf(file: string): number {
  return statSync(file).mode & 0o777
}
