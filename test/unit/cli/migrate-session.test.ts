import { access, chmod, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, TokenManager, TokenStoreError } from 'tokenward'
import { fileStore, jsonTokens, migrateSession, msalTokens } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rejectionOf } from './support.js'

let folder: string
let path: string
let store: ReturnType<typeof fileStore>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenward-migrate-'))
  path = join(folder, 'old.json')
  store = fileStore({ path: join(folder, 'new/session.json') })
})
afterEach(() => rm(folder, { recursive: true }))

const isThere = (file: string) => access(file).then(() => true, () => false) // prettier-ignore
const tokensNow = async () => (await store.load())?.tokens
const soon = Math.floor(Date.now() / 1000) + 3_600

const MSAL = {
  AccessToken: {
    a: { home_account_id: 'u1', secret: 'AT-1', expires_on: String(soon), target: 'read write' },
  },
  RefreshToken: {
    one: { home_account_id: 'u1', secret: 'RT-1' },
    two: { home_account_id: 'u2', secret: 'RT-2' },
  },
}

describe('a session in a file of another kind', () => {
  it.each<[string, unknown, Parameters<typeof migrateSession>[0]['read'], object]>([
    [
      'of one’s own',
      { access_token: 'AT', refresh_token: 'RT', expires_at: soon },
      jsonTokens(),
      { accessToken: 'AT', refreshToken: 'RT', expiresAt: soon * 1000 },
    ],
    [
      'of conf',
      { theme: 'dark', auth: { tokens: { accessToken: 'AT', refreshToken: 'RT' } } },
      jsonTokens('auth', 'tokens'),
      { accessToken: 'AT', refreshToken: 'RT' },
    ],
    [
      'of google-auth',
      { access_token: 'AT', refresh_token: 'RT', expiry_date: soon * 1000, token_type: 'Bearer' },
      jsonTokens(),
      { expiresAt: soon * 1000, refreshToken: 'RT' },
    ],
    [
      'of google-auth, a refresh token alone',
      { type: 'authorized_user', refresh_token: 'RT' },
      jsonTokens(),
      { refreshToken: 'RT', accessToken: '', expiresAt: 0 },
    ],
    [
      'of MSAL',
      MSAL,
      msalTokens('u1'),
      { accessToken: 'AT-1', refreshToken: 'RT-1', expiresAt: soon * 1000, scope: 'read write' },
    ],
    [
      'of MSAL, a refresh token alone',
      MSAL,
      msalTokens('u2'),
      { refreshToken: 'RT-2', accessToken: '', expiresAt: 0 },
    ],
  ])('%s is taken over, and the old file is removed', async (_, content, read, expected) => {
    // prettier-ignore
    await writeFile(path, `\uFEFF${JSON.stringify(content)}\r\n`)
    expect(await migrateSession({ path, read, store })).toBe(true)
    expect(await tokensNow()).toMatchObject(expected)
    expect(await isThere(path)).toBe(false)
    expect(await migrateSession({ path, read, store })).toBe(false)
  })

  it('of a refresh token alone is renewed by the first call', async () => {
    await writeFile(path, JSON.stringify({ refresh_token: 'RT' }))
    await migrateSession({ path, read: jsonTokens(), store })
    const refresh = vi.fn(async () => ({ access_token: 'AT2', expires_in: 60 }))
    const tokens = new TokenManager({ refresh, store })
    expect(await tokens.getAccessToken()).toBe('AT2')
    expect(refresh.mock.lastCall).toMatchObject([{ refreshToken: 'RT' }])
    await tokens.close()
  })

  it('is removed by a function of yours, where the file holds other things too', async () => {
    await writeFile(path, JSON.stringify({ tokens: { access_token: 'AT' }, theme: 'dark' }))
    const removeOld = vi.fn(async () => expect(await tokensNow()).toBeDefined())
    await migrateSession({ path, read: jsonTokens('tokens'), store, removeOld })
    expect(removeOld).toHaveBeenCalledOnce()
    expect(await isThere(path)).toBe(true)
  })

  it('is taken over by one of many that begin at once', async () => {
    await writeFile(path, JSON.stringify({ access_token: 'AT', refresh_token: 'RT' }))
    const migrations = Array.from({ length: 8 }, () =>
      migrateSession({ path, read: jsonTokens(), store }),
    )
    expect((await Promise.all(migrations)).filter(Boolean)).toHaveLength(1)
    expect(await isThere(path)).toBe(false)
  })
})

describe('the old file stays', () => {
  const old = JSON.stringify({ access_token: 'AT', refresh_token: 'RT' })

  it('where the new store has another session, which wins', async () => {
    await writeFile(path, old)
    await migrateSession({ path, read: jsonTokens(), store })
    const newer = JSON.stringify({ access_token: 'AT3', refresh_token: 'RT3' })
    await writeFile(path, newer)
    expect(await migrateSession({ path, read: jsonTokens(), store })).toBe(false)
    expect(await tokensNow()).toMatchObject({ accessToken: 'AT' })
    expect(await readFile(path, 'utf8')).toBe(newer)
  })

  it('where the new one cannot be written', async () => {
    await writeFile(path, old)
    const full = { load: store.load, save: () => Promise.reject(new Error('ENOSPC')) }
    await expect(migrateSession({ path, read: jsonTokens(), store: full })).rejects.toThrow(
      'ENOSPC',
    )
    expect(await readFile(path, 'utf8')).toBe(old)
  })

  it('where what was saved cannot be read back', async () => {
    await writeFile(path, old)
    const forgetful = { load: async () => undefined, save: async () => true }
    const error = await rejectionOf(migrateSession({ path, read: jsonTokens(), store: forgetful }))
    expect(error).toBeInstanceOf(TokenStoreError)
    expect(await readFile(path, 'utf8')).toBe(old)
  })

  it('until the next run, where a run was killed before it was removed', async () => {
    await writeFile(path, old)
    const killed = () => Promise.reject(new Error('killed'))
    await expect(
      migrateSession({ path, read: jsonTokens(), store, removeOld: killed }),
    ).rejects.toThrow('killed')
    expect(await migrateSession({ path, read: jsonTokens(), store })).toBe(false)
    expect(await isThere(path)).toBe(false)
  })

  it.each([
    [
      '{"access_token": "the-secret",}',
      'is not a session that can be migrated: it is not valid JSON',
    ],
    ['{"access_token": "the-secr', 'it is not valid JSON'],
    ['{"access_token": "the secret\\n"}', 'is not a session that can be migrated'],
  ])('where it is damaged: %s', async (text, message) => {
    await writeFile(path, text)
    const error = await rejectionOf(migrateSession({ path, read: jsonTokens(), store }))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_STORE', reason: 'damaged', isTransient: false })
    expect(error.message).toContain(path)
    expect(error.message).toContain(message)
    expect(JSON.stringify(error) + String(error.cause)).not.toContain('the-secr')
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it.each([
    ['no tokens', {}, jsonTokens()],
    ['nothing at the place', { a: 1 }, jsonTokens('a', 'b')],
    ['an inherited place', {}, jsonTokens('constructor')],
    ['several accounts and no choice', MSAL, msalTokens()],
    ['an account that is not there', MSAL, msalTokens('u3')],
  ])('where there is %s in it', async (_, content, read) => {
    await writeFile(path, JSON.stringify(content))
    expect(await migrateSession({ path, read, store })).toBe(false)
    expect(await store.load()).toBeUndefined()
    expect(await isThere(path)).toBe(true)
  })
})

// As root, one would go on with a session that another user has put there.
describe.skipIf(process.getuid?.() !== 0)("another user's old file", () => {
  it('is not believed, and stays', async () => {
    await writeFile(path, JSON.stringify({ access_token: 'a', refresh_token: 'planted' }))
    await chown(path, 65_534, 65_534)
    const error = await rejectionOf(migrateSession({ path, read: jsonTokens(), store }))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_STORE', isTransient: false })
    expect(String(error)).toContain('belongs to the user with the ID 65534')
    expect(await store.load()).toBeUndefined()
    expect(await isThere(path)).toBe(true)
  })
})

describe('no old file', () => {
  it('is no failure, and the store is not asked', async () => {
    const load = vi.fn(memoryStore().load)
    const unused = { load, save: memoryStore().save }
    expect(await migrateSession({ path, read: jsonTokens(), store: unused })).toBe(false)
    expect(load).not.toHaveBeenCalled()
  })

  it.skipIf(process.getuid?.() === 0)('is not one that cannot be read', async () => {
    await writeFile(path, '{}')
    await chmod(path, 0)
    const error = await rejectionOf(migrateSession({ path, read: jsonTokens(), store }))
    expect(error).toMatchObject({ reason: 'damaged' })
  })
})
