/** Signs ID tokens with a key of the server's own, made when it is first needed. */
export interface IdTokenSigner {
  sign(claims: object): Promise<string>
  /** The public key, as `jwks_uri` publishes it (RFC 7517 §5). */
  jwks(): Promise<{ keys: object[] }>
}

/** Every client can verify it (OpenID Connect Core §15.1). */
const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}

export const ID_TOKEN_ALG = 'RS256'

export function createIdTokenSigner(): IdTokenSigner {
  const kid = crypto.randomUUID()
  let made: Promise<CryptoKeyPair> | undefined
  const keys = () => (made ??= crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']))
  return {
    async sign(claims) {
      const { privateKey } = await keys()
      const header = { alg: ID_TOKEN_ALG, typ: 'JWT', kid }
      const input = `${base64url(utf8(JSON.stringify(header)))}.${base64url(utf8(JSON.stringify(claims)))}`
      const signature = await crypto.subtle.sign(ALGORITHM.name, privateKey, utf8(input))
      return `${input}.${base64url(new Uint8Array(signature))}`
    },
    async jwks() {
      const { publicKey } = await keys()
      const { kty, n, e } = await crypto.subtle.exportKey('jwk', publicKey)
      return { keys: [{ kty, n, e, kid, alg: ID_TOKEN_ALG, use: 'sig' }] }
    },
  }
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

export function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
