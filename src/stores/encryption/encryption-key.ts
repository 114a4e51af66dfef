import type { KeyObject } from 'node:crypto'
import { describeValue } from '../../checks.js'
import { TokenOptionsError } from '../../errors.js'
import { nodeCrypto } from './node-crypto.js'

/**
 * A key for encryption at rest: 32 random bytes, as they are or in base64 or base64url
 * (`openssl rand -base64 32`). A password is none.
 *
 * @public
 */
export type EncryptionKey = string | Uint8Array

/** A key and its name, by which what was encrypted says with which. */
export interface NamedKey {
  readonly id: string
  readonly key: KeyObject
}

const KEY_BYTES = 32

/**
 * @throws TokenOptionsError if it is no key; its value is not in the message
 * @internal
 */
export function namedKey(owner: string, key: unknown): NamedKey {
  const bytes = bytesOf(key)
  if (bytes?.length !== KEY_BYTES) {
    const got = bytes ? `${bytes.length} bytes` : describeValue(key)
    throw new TokenOptionsError(
      `${owner}: an encryption key must be 32 random bytes, as a Uint8Array or in base64 ` +
        `(openssl rand -base64 32), got ${got}`,
    )
  }
  const { createHash, createSecretKey } = nodeCrypto()
  // The name that every release gives this key, or records could not be decrypted any more.
  const hash = createHash('sha256').update('tokenward sealing key\0').update(bytes)
  return { id: hash.digest('base64url').slice(0, 11), key: createSecretKey(bytes) }
}

function bytesOf(key: unknown): Uint8Array | undefined {
  if (key instanceof Uint8Array) return key
  const isBase64 = typeof key === 'string' && /^[\w+/-]+={0,2}$/.test(key)
  return isBase64 ? Buffer.from(key, 'base64') : undefined
}
