import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredSession } from 'tokenward'
import { fileStore, type FileEncryption } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const crypto = process.getBuiltinModule('node:crypto')

/** As it is, at a cost that nobody has to wait for. */
function cheapScrypt() {
  const { scrypt } = crypto
  type Scrypt = (...given: Parameters<typeof scrypt>) => void
  return vi
    .spyOn(crypto as { scrypt: Scrypt }, 'scrypt')
    .mockImplementation((passphrase, salt, length, options, done) =>
      scrypt(passphrase, salt, length, { ...options, N: 2 ** 10 }, done),
    )
}
let scrypt: ReturnType<typeof cheapScrypt>
beforeEach(() => void (scrypt = cheapScrypt()))

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-encryption-'))
  path = join(folder, 'session.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const record = (version: number): StoredSession => ({
  sessionId: 'session',
  version,
  tokens: { accessToken: 'secret', tokenType: 'Bearer', issuedAt: 0 },
})
const storeWith = (encryption: unknown) =>
  fileStore({ path, encryption: encryption as FileEncryption })
const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')

describe.each([
  ['a key', { key: key(1) }, { key: key(2) }],
  ['a passphrase', { passphrase: 'correct horse' }, { passphrase: 'battery staple' }],
])('a file that is encrypted with %s', (_, encryption, other) => {
  it('shows no token, and opens in another process, which goes on with it', async () => {
    const store = storeWith(encryption)
    await store.save(record(1), { ifVersion: undefined })
    expect(readFileSync(path, 'utf8')).not.toMatch(/secret|session"/)
    expect(await storeWith(encryption).load()).toEqual(record(1))
    expect(await storeWith(encryption).save(record(2), { ifVersion: 1 })).toBe(true)
    expect(await store.load()).toEqual(record(2))
  })

  it('does not open with another, until a login replaces it', async () => {
    await storeWith(encryption).save(record(1), { ifVersion: undefined })
    await expect(storeWith(other).load()).rejects.toMatchObject({ reason: 'undecryptable' })
    await expect(fileStore({ path }).load()).rejects.toMatchObject({ reason: 'damaged' })
    expect(await storeWith(other).save(record(2), { ifVersion: undefined })).toBe(true)
    expect(await storeWith(other).load()).toEqual(record(2))
    expect(readdirSync(folder).filter((name) => name.includes('.damaged-'))).toHaveLength(1)
  })

  it('believes no session in clear', async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    await expect(storeWith(encryption).load()).rejects.toMatchObject({ reason: 'damaged' })
  })
})

describe('an encrypted file in the place of another', () => {
  const encryption = { key: key(1) }
  const undecryptable = { reason: 'undecryptable' }

  it('does not open by another name, and opens where its folder was moved', async () => {
    await storeWith(encryption).save(record(1), { ifVersion: undefined })
    const others = join(folder, 'others.json')
    copyFileSync(path, others)
    await expect(fileStore({ path: others, encryption }).load()).rejects.toMatchObject(undecryptable) // prettier-ignore

    const moved = join(folder, 'moved')
    cpSync(path, join(moved, 'session.json'))
    expect(await fileStore({ path: join(moved, 'session.json'), encryption }).load()).toEqual(record(1)) // prettier-ignore
  })

  it('does not open in another profile, and is one by whatever way its name is written', async () => {
    vi.stubEnv('XDG_STATE_HOME', folder)
    const of = (profile?: string) => fileStore({ app: 'my-cli', profile, encryption })
    await of().save(record(1), { ifVersion: undefined })
    expect(await of('default').load()).toEqual(record(1))
    await of('wörk'.normalize('NFC')).save(record(2), { ifVersion: undefined })
    expect(await of('wörk'.normalize('NFD')).load()).toEqual(record(2))
    const sessions = join(folder, 'my-cli', 'sessions')
    copyFileSync(join(sessions, 'default.json'), join(sessions, 'other.json'))
    await expect(of('other').load()).rejects.toMatchObject(undecryptable)
    vi.unstubAllEnvs()
  })
})

describe('a passphrase', () => {
  it('becomes a key at the cost of a guess that OWASP names first', async () => {
    await storeWith({ passphrase: 'cafe\u0301' }).save(record(1), { ifVersion: undefined })
    const { salt } = JSON.parse(readFileSync(path, 'utf8')) as { salt: string }
    const given = ['caf\u00e9', Buffer.from(salt, 'base64url'), 32, expect.objectContaining({ N: 2 ** 17, r: 8, p: 1 })] // prettier-ignore
    expect(scrypt.mock.calls).toEqual([[...given, expect.any(Function)]])
  })

  it('is used with a salt of its own for each login, and none that somebody planted', async () => {
    const encryption = { passphrase: 'correct horse' }
    await storeWith(encryption).save(record(1), { ifVersion: undefined })
    const { salt } = JSON.parse(readFileSync(path, 'utf8')) as { salt: string }
    writeFileSync(path, JSON.stringify({ tokenward: 1, salt: 'planted', encrypted: 'x' }))
    const store = storeWith(encryption)
    await expect(store.load()).rejects.toMatchObject({ reason: 'undecryptable' })
    await store.save(record(2), { ifVersion: undefined })
    const after = JSON.parse(readFileSync(path, 'utf8')) as { salt: string }
    expect(after.salt).toMatch(/^[\w-]{22}$/)
    expect(after.salt).not.toBe(salt)
  })
})

it.each([
  {},
  { passphrase: '' },
  { passphrase: undefined },
  'secret',
  { key: key(1), passphrase: 'x' },
])('an encryption that is none does not mean "in clear": %j', (encryption) => {
  expect(() => storeWith(encryption)).toThrow(/`encryption` must be { key } or { passphrase }/)
})

it('a key that is none is refused, and not shown', () => {
  expect(() => storeWith({ key: 'too short' })).toThrow(
    /fileStore: an encryption key must be 32 random bytes/,
  )
})
