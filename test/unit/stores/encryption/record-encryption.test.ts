import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import type { StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { createRecordEncryption } from '../../../../src/stores/encryption/record-encryption.js'

const OLD = randomBytes(32)
const NEW = randomBytes(32)
const SESSION: StoredSession = {
  sessionId: 'a',
  version: 7,
  tokens: { accessToken: 'secret-token-ä', tokenType: 'Bearer', issuedAt: 1 },
}
const UNDECRYPTABLE = expect.objectContaining({
  code: 'ERR_TOKEN_STORE',
  reason: 'undecryptable',
  isTransient: false,
})

const encryptionBy = (...keys: (string | Uint8Array)[]) =>
  createRecordEncryption('redisStore', keys)

describe('an encrypted session', () => {
  it('is decrypted with its key, for what it is bound to', () => {
    const encrypted = encryptionBy(OLD).encrypt(SESSION, 'user:1')
    expect(encryptionBy(OLD).decrypt(encrypted, 'user:1')).toEqual(SESSION)
  })

  it('shows nothing of what is in it, nor the key, and is never the same twice', () => {
    const encryption = encryptionBy(OLD)
    const [one, other] = [
      encryption.encrypt(SESSION, 'user:1'),
      encryption.encrypt(SESSION, 'user:1'),
    ]
    const shown = one + Buffer.from(one.split('.')[2]!, 'base64url').toString('latin1')
    expect(shown).not.toContain('secret')
    expect(one).not.toBe(other)
    const inspected = inspect(encryption, { depth: 9, showHidden: true })
    for (const form of ['base64', 'base64url', 'hex'] as const) {
      expect(inspected + one).not.toContain(OLD.toString(form).slice(0, 12))
    }
  })

  it("is not decrypted in the place of another user's", () => {
    const encrypted = encryptionBy(OLD).encrypt(SESSION, 'user:1')
    expect(thrownBy(() => encryptionBy(OLD).decrypt(encrypted, 'user:2'))).toEqual(UNDECRYPTABLE)
  })

  it('is not decrypted with another key, and says that it was another', () => {
    const encrypted = encryptionBy(OLD).encrypt(SESSION, 'user:1')
    const error = thrownBy(() => encryptionBy(NEW).decrypt(encrypted, 'user:1'))
    expect(error).toEqual(UNDECRYPTABLE)
    expect(String(error)).toMatch(/another key/)
  })

  it('is not decrypted when any sign of it was changed', () => {
    const encrypted = encryptionBy(OLD).encrypt(SESSION, 'user:1')
    for (let at = 0; at < encrypted.length - 1; at++) {
      const sign = encrypted[at] === 'A' ? 'B' : 'A'
      const changed = encrypted.slice(0, at) + sign + encrypted.slice(at + 1)
      expect(thrownBy(() => encryptionBy(OLD).decrypt(changed, 'user:1'))).toEqual(UNDECRYPTABLE)
    }
  })

  it.each([undefined, null, 7, '', 'tw1', 'tw1.', {}, [], 'tw1.a.b.c', JSON.stringify(SESSION)])(
    'is not what %j is',
    (value) => {
      expect(thrownBy(() => encryptionBy(OLD).decrypt(value, 'user:1'))).toEqual(UNDECRYPTABLE)
    },
  )

  it('is not decrypted when it was cut, wherever', () => {
    const encrypted = encryptionBy(OLD).encrypt(SESSION, 'user:1')
    for (let length = 0; length < encrypted.length - 1; length++) {
      const cut = encrypted.slice(0, length)
      expect(thrownBy(() => encryptionBy(OLD).decrypt(cut, 'user:1'))).toEqual(UNDECRYPTABLE)
    }
  })
})

describe('several keys', () => {
  it('decrypt what an old one encrypted, and encrypt with the first', () => {
    const encryptedBefore = encryptionBy(OLD).encrypt(SESSION, 'user:1')
    const rotated = encryptionBy(NEW, OLD)
    expect(rotated.decrypt(encryptedBefore, 'user:1')).toEqual(SESSION)
    expect(encryptionBy(NEW).decrypt(rotated.encrypt(SESSION, 'user:1'), 'user:1')).toEqual(SESSION)
  })
})

describe('a key', () => {
  it.each(['base64', 'base64url'] as const)('may come in %s', (form) => {
    const encrypted = encryptionBy(OLD.toString(form)).encrypt(SESSION, 'user:1')
    expect(encryptionBy(OLD).decrypt(encrypted, 'user:1')).toEqual(SESSION)
  })

  it.each([
    ['a password', 'correct horse battery staple', 'another string'],
    ['a short one', randomBytes(16), '16 bytes'],
    ['hex, which is 48 bytes of base64', OLD.toString('hex'), '48 bytes'],
    ['nothing', undefined as never, 'undefined'],
  ])('is not %s', (_, key, given) => {
    const error = thrownBy(() => encryptionBy(key))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
    expect(String(error)).toMatch(
      /^TokenOptionsError \[ERR_TOKEN_OPTIONS\]: redisStore: an encryption key must be 32 random bytes/,
    )
    expect(String(error)).toContain(`got ${given}`)
    if (typeof key === 'string') expect(String(error)).not.toContain(key)
  })

  it('is wanted', () => {
    expect(() => encryptionBy()).toThrow(/at least one key/)
  })
})

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
