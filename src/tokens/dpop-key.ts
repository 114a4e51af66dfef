import { TokenOptionsError } from '../errors.js'
import { INSPECT, hideFromInspect } from '../inspect.js'

/**
 * The private key that a session's tokens are bound to (DPoP, RFC 9449): a JWK, or a key pair that
 * cannot be exported, which stays in this process's memory.
 *
 * @public
 */
export type DpopKey = DpopJwk | DpopKeyPair

/**
 * A private key as a JWK (RFC 7517): plain JSON. EC (P-256, P-384, P-521), OKP (Ed25519), or RSA
 * with its `alg` (PS256, RS256, ...).
 *
 * @public
 */
export interface DpopJwk {
  readonly kty: string
  readonly alg?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly d?: string
  readonly n?: string
  readonly e?: string
  readonly p?: string
  readonly q?: string
  readonly dp?: string
  readonly dq?: string
  readonly qi?: string
}

/** A `CryptoKeyPair` of the Web Cryptography API that can sign. @public */
export interface DpopKeyPair {
  readonly privateKey: DpopCryptoKey
  readonly publicKey: DpopCryptoKey
}

/** What is looked at in a `CryptoKey`. @public */
export interface DpopCryptoKey {
  readonly type: string
  readonly extractable: boolean
  readonly algorithm: { readonly name: string }
  readonly usages: readonly string[]
}

/** What there is to a private key of each type; the first names what must be there. */
const MEMBERS: Readonly<Record<string, { needed: readonly string[]; more: readonly string[] }>> = {
  EC: { needed: ['crv', 'x', 'y', 'd'], more: ['alg'] },
  OKP: { needed: ['crv', 'x', 'd'], more: ['alg'] },
  RSA: { needed: ['alg', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'], more: [] },
}

const CURVES = new Set(['P-256', 'P-384', 'P-521', 'Ed25519'])
const RSA_ALGORITHMS = /^[PR]S(?:256|384|512)$/
const SIGNING_ALGORITHMS = new Set(['ECDSA', 'Ed25519', 'RSA-PSS', 'RSASSA-PKCS1-v1_5'])

/**
 * The key, if it is one: frozen, only what belongs to it, and nothing under `inspect`.
 *
 * @internal
 */
export function readDpopKey(value: unknown): DpopKey | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Object.isFrozen(value) && INSPECT in value) return value as unknown as DpopKey // it was read before
  return 'privateKey' in value ? readPair(value as Partial<DpopKeyPair>) : readJwk(value)
}

/**
 * @throws TokenOptionsError if it is none, saying what is wanted and never what was given
 * @internal
 */
export function checkedDpopKey(value: unknown): DpopKey {
  const key = readDpopKey(value)
  if (key) return key
  throw new TokenOptionsError(
    '`dpopKey` must be a private key, as a JWK (EC, Ed25519, or RSA with its `alg`) or a ' +
      `CryptoKeyPair that can sign and whose public key can be exported, got ${kindOf(value)}`,
  )
}

/** Whether the key is plain JSON, which any store can keep. @internal */
export function isJwk(key: DpopKey): key is DpopJwk {
  return 'kty' in key
}

/** The texts of a key that nobody is to read. @internal */
export function secretsOfDpopKey(key: DpopKey | undefined): string[] {
  if (!key || !isJwk(key)) return []
  const { d, p, q, dp, dq, qi } = key
  return [d, p, q, dp, dq, qi].filter((part) => part !== undefined)
}

function readJwk(value: object): DpopJwk | undefined {
  const jwk = value as Record<string, unknown>
  const members = typeof jwk.kty === 'string' ? MEMBERS[jwk.kty] : undefined
  if (!members) return undefined
  const { needed, more } = members
  if (!needed.every((name) => typeof jwk[name] === 'string' && jwk[name] !== '')) return undefined
  const isKnown =
    jwk.kty === 'RSA' ? RSA_ALGORITHMS.test(jwk.alg as string) : CURVES.has(jwk.crv as string)
  if (!isKnown) return undefined
  const names = ['kty', ...needed, ...more].filter((name) => jwk[name] !== undefined)
  return hidden(Object.fromEntries(names.map((name) => [name, jwk[name]])) as unknown as DpopJwk)
}

function readPair({ privateKey, publicKey }: Partial<DpopKeyPair>): DpopKeyPair | undefined {
  const canSign =
    privateKey?.type === 'private' &&
    SIGNING_ALGORITHMS.has(privateKey.algorithm?.name) &&
    privateKey.usages?.includes('sign')
  const canBeShown = publicKey?.type === 'public' && publicKey.extractable
  return canSign && canBeShown ? hidden({ privateKey, publicKey }) : undefined
}

function hidden<K extends DpopKey>(key: K): K {
  return Object.freeze(hideFromInspect(key, () => 'DpopKey {}'))
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  const { kty, d } = value as { kty?: unknown; d?: unknown }
  if (kty === undefined) return 'privateKey' in value ? 'another key pair' : 'another object'
  return d === undefined ? 'a JWK without a private part' : 'another JWK'
}
