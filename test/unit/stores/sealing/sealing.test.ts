import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import type { StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { createSealing } from '../../../../src/stores/sealing/sealing.js'

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

const sealingOf = (...keys: (string | Uint8Array)[]) => createSealing('redisStore: `keys`', keys)

describe('a sealed session', () => {
  it('opens with its key, for what it is bound to', () => {
    const sealed = sealingOf(OLD).seal(SESSION, 'user:1')
    expect(sealingOf(OLD).open(sealed, 'user:1')).toEqual(SESSION)
  })

  it('shows nothing of what is in it, nor the key, and is never the same twice', () => {
    const sealing = sealingOf(OLD)
    const [one, other] = [sealing.seal(SESSION, 'user:1'), sealing.seal(SESSION, 'user:1')]
    const shown = one + Buffer.from(one.split('.')[2]!, 'base64url').toString('latin1')
    expect(shown).not.toContain('secret')
    expect(one).not.toBe(other)
    const inspected = inspect(sealing, { depth: 9, showHidden: true })
    for (const form of ['base64', 'base64url', 'hex'] as const) {
      expect(inspected + one).not.toContain(OLD.toString(form).slice(0, 12))
    }
  })

  it("does not open in the place of another user's", () => {
    const sealed = sealingOf(OLD).seal(SESSION, 'user:1')
    expect(thrownBy(() => sealingOf(OLD).open(sealed, 'user:2'))).toEqual(UNDECRYPTABLE)
  })

  it('does not open with another key, and says that it was another', () => {
    const sealed = sealingOf(OLD).seal(SESSION, 'user:1')
    const error = thrownBy(() => sealingOf(NEW).open(sealed, 'user:1'))
    expect(error).toEqual(UNDECRYPTABLE)
    expect(String(error)).toMatch(/another key/)
  })

  it('does not open when any sign of it was changed', () => {
    const sealed = sealingOf(OLD).seal(SESSION, 'user:1')
    for (let at = 0; at < sealed.length - 1; at++) {
      const sign = sealed[at] === 'A' ? 'B' : 'A'
      const changed = sealed.slice(0, at) + sign + sealed.slice(at + 1)
      expect(thrownBy(() => sealingOf(OLD).open(changed, 'user:1'))).toEqual(UNDECRYPTABLE)
    }
  })

  it.each([undefined, null, 7, '', 'tw1', 'tw1.', {}, [], 'tw1.a.b.c', JSON.stringify(SESSION)])(
    'is not what %j is',
    (value) => {
      expect(thrownBy(() => sealingOf(OLD).open(value, 'user:1'))).toEqual(UNDECRYPTABLE)
    },
  )

  it('does not open when it was cut, wherever', () => {
    const sealed = sealingOf(OLD).seal(SESSION, 'user:1')
    for (let length = 0; length < sealed.length - 1; length++) {
      const cut = sealed.slice(0, length)
      expect(thrownBy(() => sealingOf(OLD).open(cut, 'user:1'))).toEqual(UNDECRYPTABLE)
    }
  })
})

describe('several keys', () => {
  it('open what an old one sealed, and seal with the first', () => {
    const sealedBefore = sealingOf(OLD).seal(SESSION, 'user:1')
    const rotated = sealingOf(NEW, OLD)
    expect(rotated.open(sealedBefore, 'user:1')).toEqual(SESSION)
    expect(sealingOf(NEW).open(rotated.seal(SESSION, 'user:1'), 'user:1')).toEqual(SESSION)
  })
})

describe('a key', () => {
  it.each(['base64', 'base64url'] as const)('may come in %s', (form) => {
    const sealed = sealingOf(OLD.toString(form)).seal(SESSION, 'user:1')
    expect(sealingOf(OLD).open(sealed, 'user:1')).toEqual(SESSION)
  })

  it.each([
    ['a password', 'correct horse battery staple', 'string'],
    ['a short one', randomBytes(16), '16 bytes'],
    ['hex, which is 48 bytes of base64', OLD.toString('hex'), '48 bytes'],
    ['nothing', undefined as never, 'undefined'],
  ])('is not %s', (_, key, given) => {
    const error = thrownBy(() => sealingOf(key))
    expect(error).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
    expect(String(error)).toMatch(/^TokenOptionsError: redisStore: `keys`: .*32 random bytes/)
    expect(String(error)).toContain(`got ${given}`)
    if (typeof key === 'string') expect(String(error)).not.toContain(key)
  })

  it('is wanted', () => {
    expect(() => sealingOf()).toThrow(/at least one key/)
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
