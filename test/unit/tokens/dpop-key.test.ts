import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { toTokenSet, type DpopKey, type TokenInput } from 'tokenward'
import {
  checkedDpopKey,
  isJwk,
  readDpopKey,
  secretsOfDpopKey,
} from '../../../src/tokens/dpop-key.js'
import { readStoredTokens } from '../../../src/tokens/token-set.js'
import { JWK } from '../http/support/dpop.js'

const { subtle } = globalThis.crypto
const EC = { name: 'ECDSA', namedCurve: 'P-256' }
const pair = (extractable = false) => subtle.generateKey(EC, extractable, ['sign', 'verify'])
const rsaJwk = async (alg?: string) => {
  const publicExponent = new Uint8Array([1, 0, 1])
  const algorithm = { name: 'RSA-PSS', modulusLength: 2048, publicExponent, hash: 'SHA-256' }
  const { privateKey } = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
  return { ...(await subtle.exportKey('jwk', privateKey)), alg }
}

describe('a key', () => {
  it('is a private JWK, of which only what belongs to it is kept', () => {
    const key = readDpopKey({ ...JWK, kid: 'mine', ext: true, key_ops: ['sign'] })
    expect(key).toEqual(JWK)
    expect(isJwk(key!)).toBe(true)
    expect(Object.isFrozen(key)).toBe(true)
  })

  it('may lack its alg where the curve says it, and be of Ed25519', () => {
    const { alg: _, ...bare } = JWK
    expect(readDpopKey(bare)).toEqual(bare)
    const okp = { kty: 'OKP', crv: 'Ed25519', x: 'x', d: 'd' }
    expect(readDpopKey(okp)).toEqual(okp)
  })

  it('may be of RSA with its alg, and only with it', async () => {
    const jwk = await rsaJwk('PS256')
    expect(readDpopKey(jwk)).toMatchObject({ kty: 'RSA', alg: 'PS256' })
    expect(readDpopKey({ ...jwk, alg: undefined })).toBeUndefined()
    expect(readDpopKey({ ...jwk, alg: 'HS256' })).toBeUndefined()
  })

  it('is a pair whose private part cannot be exported', async () => {
    const key = readDpopKey(await pair())!
    expect(isJwk(key)).toBe(false)
    expect(secretsOfDpopKey(key)).toEqual([])
  })

  it('is read once: the same object comes back', () => {
    const key = readDpopKey(JWK)
    expect(readDpopKey(key)).toBe(key)
  })

  it('shows nothing of itself under inspect, and round-trips through JSON', async () => {
    const key = readDpopKey(JWK)
    expect(inspect({ key }, { depth: 9, showHidden: true })).not.toContain(JWK.d)
    expect(inspect(readDpopKey(await pair()))).toBe('DpopKey {}')
    expect(JSON.parse(JSON.stringify(key))).toEqual(JWK)
    expect(secretsOfDpopKey(key)).toEqual([JWK.d])
    expect(secretsOfDpopKey(undefined)).toEqual([])
  })
})

describe('what is no key', () => {
  const { d: _, ...publicJwk } = JWK
  it.each([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a text', 'D-secret', 'string'],
    ['an object', {}, 'another object'],
    ['a public JWK', publicJwk, 'a JWK without a private part'],
    ['a symmetric JWK', { kty: 'oct', k: 'D-secret' }, 'a JWK without a private part'],
    ['a JWK of a curve that signs nothing', { ...JWK, crv: 'X25519' }, 'another JWK'],
    ['a JWK with a hole', { ...JWK, x: '' }, 'another JWK'],
  ])('%s is refused, saying what is wanted and not what was given', (_name, value, given) => {
    const check = () => checkedDpopKey(value)
    expect(check).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_OPTIONS' }))
    expect(check).toThrow(new RegExp(`must be a private key.* got ${given}$`))
    expect(check).not.toThrow(/D-secret/)
  })

  it('nor is a pair that cannot sign, is the wrong way round, or hides its public key', async () => {
    const good = await pair()
    const ecdh = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, [
      'deriveKey',
    ])
    const { privateKey, publicKey } = good
    const cannot = { ...privateKey, type: 'private', algorithm: EC, usages: ['verify'] }
    for (const given of [
      ecdh,
      { privateKey: publicKey, publicKey: privateKey },
      { privateKey, publicKey: { ...publicKey, type: 'public', extractable: false } },
      { privateKey: cannot, publicKey },
      { privateKey: { type: 'private' }, publicKey },
      { privateKey: { type: 'private', algorithm: EC }, publicKey },
      { privateKey, publicKey: undefined },
      { privateKey: undefined, publicKey },
    ]) {
      expect(() => checkedDpopKey(given)).toThrow(/got another key pair$/)
    }
  })
})

describe('a token set with a key', () => {
  const dpopKey: DpopKey = JWK
  it.each<[string, TokenInput]>([
    ['by the names of the wire', { access_token: 'AT', token_type: 'dpop', dpopKey }],
    ['by names', { accessToken: 'AT', tokenType: 'DPoP', dpopKey }],
    ['without a type', { accessToken: 'AT', dpopKey }],
  ])('is of type DPoP: %s', (_name, input) => {
    expect(toTokenSet(input)).toMatchObject({ tokenType: 'DPoP', dpopKey: JWK })
  })

  it('takes the key of its request, unless it has its own', () => {
    expect(toTokenSet({ accessToken: 'AT', tokenType: 'DPoP' }, { dpopKey })).toMatchObject({
      dpopKey,
    })
    const own = { ...JWK, alg: undefined }
    const both = toTokenSet({ accessToken: 'AT', dpopKey: own }, { dpopKey })
    expect(both.dpopKey).not.toHaveProperty('alg')
    expect(toTokenSet({ accessToken: 'AT', dpopKey: null })).toMatchObject({ tokenType: 'Bearer' })
    expect(toTokenSet({ access_token: 'AT', dpopKey: null })).not.toHaveProperty('dpopKey')
  })

  it('refuses a Bearer token: whoever steals that can use it (RFC 9449 §5)', () => {
    const input = { accessToken: 'AT', tokenType: 'Bearer', dpopKey }
    expect(() => toTokenSet(input)).toThrow(/requested, but the token_type is a different one/)
    expect(() => toTokenSet(input)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_TOKEN_RESPONSE' }),
    )
  })

  it('is the only one that a DPoP token may be in', () => {
    const input = { accessToken: 'AT', tokenType: 'DPoP' }
    expect(() => toTokenSet(input)).toThrow(/there is no `dpopKey`/)
  })

  it('comes out of a store as it went in; damaged, it is none', () => {
    const stored = JSON.parse(JSON.stringify(toTokenSet({ accessToken: 'AT', dpopKey })))
    expect(readStoredTokens(stored)).toEqual(stored)
    expect(
      readStoredTokens({ ...stored, dpopKey: { privateKey: {}, publicKey: {} } }),
    ).toBeUndefined()
    expect(readStoredTokens({ ...stored, dpopKey: undefined })).toBeUndefined()
    expect(readStoredTokens({ ...stored, tokenType: 'Bearer' })).toBeUndefined()
  })
})
