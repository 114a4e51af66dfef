import {
  allowInsecureRequests,
  customFetch,
  DPoP,
  generateKeyPair,
  modifyAssertion,
  protectedResourceRequest,
  type DPoPHandle,
} from 'oauth4webapi'
import { checkValue, isObject, mustBe, type FlawOf } from '../checks.js'
import { checkedDpopKey, isJwk, readDpopKey } from '../tokens/dpop-key.js'
import type { DpopJwk, DpopKey, DpopKeyPair } from '../tokens/dpop-key.js'
import type { DpopClaims, DpopSigner } from '../tokens/dpop-signer.js'
import type { TokenSet } from '../tokens/token-set.js'

/** The algorithm that signs the proofs (RFC 7518 §3.1, RFC 9864). @public */
export type DpopAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'Ed25519' | 'PS256' | 'RS256'

/** @public */
export interface DpopOptions {
  /**
   * The algorithm that signs the proofs. The server must accept it
   * (`dpop_signing_alg_values_supported`).
   *
   * @default 'ES256', which most servers accept
   */
  algorithm?: DpopAlgorithm | undefined
}

const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'Ed25519', 'PS256', 'RS256']
const HASHES = { PS: 'RSA-PSS', RS: 'RSASSA-PKCS1-v1_5' } as const

/** @internal */
export const flawOfDpop: FlawOf = (value) => {
  if (typeof value === 'boolean') return undefined
  const expected = `true, or { algorithm } with one of ${ALGORITHMS.join(', ')}`
  if (!isObject(value)) return mustBe(expected, value)
  const { algorithm, ...others } = value as Record<string, unknown>
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) return `must be ${expected}, got an unknown \`${unknown}\``
  if (algorithm === undefined || ALGORITHMS.includes(algorithm as string)) return undefined
  return mustBe(expected, algorithm)
}

/**
 * Makes a new key for the tokens of a session: a private JWK, to be stored with them as `dpopKey`.
 * The logins of `tokenward/oauth` make their own key; this is for the logins of other libraries.
 *
 * @throws TokenOptionsError if the algorithm is unknown
 * @public
 */
export async function generateDpopKey(options: DpopOptions = {}): Promise<DpopKey> {
  checkValue('generateDpopKey', 'options', options, flawOfDpop)
  const { algorithm = 'ES256' } = options
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const jwk = await crypto.subtle.exportKey('jwk', privateKey)
  return checkedDpopKey({ ...jwk, alg: algorithm })
}

/**
 * Makes the proofs of a session whose tokens are bound to a key (RFC 9449 §4), for a manager with a
 * `refresh` function of your own. The grants of `tokenward/oauth` already contain it.
 *
 * @public
 */
export const dpopSigner: DpopSigner = async (key, claims) => {
  const DPoP = await proofHandle(key, claims)
  let proof: string | undefined
  // The library hands out proofs in requests only; this one goes no further.
  await protectedResourceRequest(
    claims.accessToken,
    claims.method,
    new URL(claims.url),
    undefined,
    undefined,
    {
      DPoP,
      [allowInsecureRequests]: true,
      [customFetch]: (_url, { headers }) => {
        proof = headers.dpop
        return Promise.resolve(new Response())
      },
    },
  )
  return proof!
}

/**
 * What adds one proof to a request of oauth4webapi.
 *
 * @throws whatever Web Crypto throws for a key that it cannot read
 * @internal
 */
export async function proofHandle(
  key: DpopKey,
  { method, issuedAt, nonce }: Pick<DpopClaims, 'method' | 'issuedAt' | 'nonce'>,
): Promise<DPoPHandle> {
  const pair = await pairOf(key)
  return DPoP({}, pair as unknown as CryptoKeyPair, {
    [modifyAssertion]: (_header, payload) => {
      payload.htm = method
      payload.iat = issuedAt
      payload.nonce = nonce
    },
  })
}

/**
 * A grant that brings the signer along, and says whose it is.
 *
 * @param client - any object that is the client's own
 * @internal
 */
export function withSigner<Context>(
  client: object,
  grant: (context: Context) => Promise<TokenSet>,
) {
  return Object.assign(grant, { dpop: dpopSigner, client: nameOf(client) })
}

/** What stands for a client outside, where nobody is to make requests with it. */
const names = new WeakMap<object, object>()

function nameOf(client: object): object {
  const name = names.get(client) ?? Object.freeze({})
  names.set(client, name)
  return name
}

/** By the key itself, which is frozen: a session has one as long as it is in memory. */
const pairs = new WeakMap<DpopKey, Promise<DpopKeyPair>>()

function pairOf(given: DpopKey): Promise<DpopKeyPair> {
  const key = readDpopKey(given) ?? checkedDpopKey(given)
  const pair = pairs.get(key) ?? importPair(key)
  pairs.set(key, pair)
  return pair
}

async function importPair(key: DpopKey): Promise<DpopKeyPair> {
  if (!isJwk(key)) return key
  const algorithm = importAlgorithm(key)
  const { kty, crv, x, y, n, e } = key
  const { alg: _, ...privatePart } = key
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', privatePart, algorithm, false, ['sign']),
    crypto.subtle.importKey('jwk', { kty, crv, x, y, n, e }, algorithm, true, ['verify']),
  ])
  return { privateKey, publicKey }
}

function importAlgorithm({ kty, crv, alg }: DpopJwk) {
  if (kty === 'OKP') return { name: 'Ed25519' }
  if (kty === 'EC') return { name: 'ECDSA', namedCurve: crv! }
  const family = alg!.slice(0, 2) as keyof typeof HASHES
  return { name: HASHES[family], hash: `SHA-${alg!.slice(2)}` }
}
