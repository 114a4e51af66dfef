import { PrivateKeyJwt, modifyAssertion, type ClientAuth } from 'oauth4webapi'
import { aText, flawOf, isObject, mustBe } from '../checks.js'

/**
 * The part of Web Crypto's `CryptoKey` that is looked at.
 *
 * @public
 */
export interface PrivateCryptoKey {
  readonly type: string
  readonly usages: readonly string[]
  readonly algorithm: { readonly name: string }
}

/**
 * A private key as a JWK (RFC 7517). `alg` says what it signs with; an RSA key without one: RS256.
 *
 * @public
 */
export interface PrivateJwk {
  kty?: string
  kid?: string
  alg?: string
  crv?: string
  d?: string
  /** The digest of the key's certificate (RFC 7517 §4.9): put into each assertion's header. */
  'x5t#S256'?: string
}

/**
 * The key that a client signs its assertions with (RFC 7523 §2.2), a `kid` if the server is to
 * find its other half by it. It is a private `CryptoKey`, the same with its `kid`, or a private JWK.
 * `header` has further members of the assertions' header, such as the `x5t#S256` that Entra wants.
 *
 * @public
 */
export type ClientKey = PrivateCryptoKey | PrivateKeyWithId | PrivateJwk

/**
 * A key with what the assertions' header says of it.
 *
 * @public
 */
export interface PrivateKeyWithId {
  /** A private `CryptoKey` that may be used to sign. */
  key: PrivateCryptoKey
  /** The key's identifier at the server (RFC 7517 §4.5). @default none */
  kid?: string | undefined
  /** More members of the header, not `alg`, `kid`, `crit` or `b64`. @default none */
  header?: Readonly<Record<string, string>> | undefined
}

const EXPECTED = 'a private CryptoKey, { key, kid } or a private JWK'

const SIGNING_ALGORITHMS = new Set([
  'RSASSA-PKCS1-v1_5',
  'RSA-PSS',
  'ECDSA',
  'Ed25519',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
])

/** What is wrong with it as far as can be seen; `undefined` if nothing is. @internal */
export function flawOfKey(value: unknown): string | undefined {
  if (!isObject(value)) return mustBe(EXPECTED, value)
  if (isCryptoKey(value)) return flawOfCryptoKey(value)
  const { key, kid, kty, header } = value as Record<string, unknown>
  const kidFlaw = kid === undefined ? undefined : flawOf(aText, kid)
  if (kidFlaw) return `has a \`kid\` that ${kidFlaw}`
  const headerFlaw = header === undefined ? undefined : flawOfHeader(header)
  if (headerFlaw) return `has a \`header\` that ${headerFlaw}`
  if (isCryptoKey(key)) return flawOfCryptoKey(key)
  if (typeof kty !== 'string') return mustBe(EXPECTED, value)
  return flawOfJwk(value)
}

/** What the signature or the client's own data say is not for a header to change. */
const OWN_HEADER = ['alg', 'kid', 'crit', 'b64']

function flawOfHeader(value: unknown): string | undefined {
  if (!isObject(value)) return mustBe('an object of strings', value)
  for (const [name, each] of Object.entries(value)) {
    if (OWN_HEADER.includes(name)) return `must not set \`${name}\``
    const flaw = flawOf(aText, each)
    if (flaw) return `has a \`${name}\` that ${flaw}`
  }
  return undefined
}

function flawOfCryptoKey({ type, usages, algorithm }: PrivateCryptoKey): string | undefined {
  if (type !== 'private') return `must be ${EXPECTED}, got a ${type} CryptoKey`
  if (!usages.includes('sign')) return 'must be a key that may be used to sign'
  if (SIGNING_ALGORITHMS.has(algorithm.name)) return undefined
  return `must be a key of RSA, ECDSA, Ed25519 or ML-DSA, got one of ${algorithm.name}`
}

function flawOfJwk(jwk: PrivateJwk): string | undefined {
  if (jwk.kty === 'oct') return `must be ${EXPECTED}, got a symmetric JWK`
  if (!importAlgorithm(jwk)) return 'must be a JWK of RSA, EC (P-256, P-384, P-521) or Ed25519'
  return typeof jwk.d === 'string' ? undefined : `must be ${EXPECTED}, got a public JWK`
}

/**
 * Signs a fresh assertion at each call.
 *
 * @throws whatever Web Crypto throws for a JWK that it cannot read
 * @internal
 */
export async function keyAuthentication(key: ClientKey): Promise<ClientAuth> {
  if (isCryptoKey(key)) return PrivateKeyJwt(key)
  if ('key' in key) {
    return PrivateKeyJwt({ key: key.key as CryptoKey, kid: key.kid }, withHeader(key.header))
  }
  const jwk = key as PrivateJwk
  const imported = await crypto.subtle.importKey(
    'jwk',
    bareJwk(jwk),
    importAlgorithm(jwk)!,
    false,
    ['sign'],
  )
  const toSign = { key: imported, kid: jwk.kid }
  const digest = jwk['x5t#S256']
  return PrivateKeyJwt(
    toSign,
    withHeader({
      ...(digest !== undefined && { 'x5t#S256': digest }),
      // The older of the two names of Ed25519 (RFC 8037 §3.1): the key's owner knows the server.
      ...(jwk.alg === 'EdDSA' && { alg: 'EdDSA' }),
    }),
  )
}

function withHeader(members: Readonly<Record<string, string>> = {}) {
  return { [modifyAssertion]: (header: object) => void Object.assign(header, members) }
}

/** The texts of a private JWK that nobody is to read. @internal */
export function secretsOfKey(key: ClientKey): string[] {
  if (isCryptoKey(key)) return []
  const { d, p, q, dp, dq, qi } = key as Record<string, unknown>
  return [d, p, q, dp, dq, qi].filter((part) => typeof part === 'string')
}

type ImportAlgorithm = RsaHashedImportParams | EcKeyImportParams | { name: string }

function importAlgorithm({ kty, crv, alg }: PrivateJwk): ImportAlgorithm | undefined {
  if (kty === 'EC' && /^P-(?:256|384|521)$/.test(String(crv))) {
    return { name: 'ECDSA', namedCurve: crv! }
  }
  if (kty === 'OKP' && crv === 'Ed25519') return { name: 'Ed25519' }
  const [, family, size] = /^(RS|PS)(256|384|512)$/.exec(alg ?? 'RS256') ?? []
  if (kty !== 'RSA' || !family) return undefined
  return { name: family === 'PS' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: `SHA-${size}` }
}

const JWK_PARTS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi']

/** Without `use`, `key_ops` and `alg`, which Web Crypto may refuse by another name. */
function bareJwk(jwk: PrivateJwk): JsonWebKey {
  return Object.fromEntries(Object.entries(jwk).filter(([name]) => JWK_PARTS.includes(name)))
}

function isCryptoKey(value: unknown): value is CryptoKey {
  return value instanceof CryptoKey
}
