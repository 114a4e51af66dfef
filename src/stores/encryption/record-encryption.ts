import { optionError } from '../../checks.js'
import { TokenStoreError } from '../../errors.js'
import { hideFromInspect } from '../../inspect.js'
import type { StoredSession } from '../token-store.js'
import { nodeCrypto } from './node-crypto.js'
import { namedKey, type EncryptionKey, type NamedKey } from './encryption-key.js'

/** Encryption at rest: AES-256-GCM, each record bound to what it is the record of. */
export interface RecordEncryption {
  /**
   * @param boundTo - the record's name: what is encrypted for one is decrypted for no other, so that
   * nobody who can write the store can put one user's record in the place of another's
   */
  encrypt(session: StoredSession, boundTo: string): string
  /**
   * What was encrypted, to be checked like anything that comes out of a store.
   *
   * @throws TokenStoreError `undecryptable` if no key fits, it is bound to something else, or
   * someone changed it
   */
  decrypt(encrypted: unknown, boundTo: string): unknown
}

const MARK = 'tw1'
const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * Encrypts with the first key and decrypts with all: to rotate, put the new key before the old ones,
 * and take those out when every record has been written again.
 *
 * @param owner - whose options the keys are, for messages
 * @throws TokenOptionsError if there is no key, or one is none
 * @internal
 */
export function createRecordEncryption(
  owner: string,
  keys: EncryptionKey | readonly EncryptionKey[],
): RecordEncryption {
  const list: readonly unknown[] = Array.isArray(keys) ? keys : [keys]
  const [first, ...others] = list.map((key) => namedKey(owner, key))
  if (!first) throw optionError(owner, 'encryption', 'at least one key', list)
  const encryption: RecordEncryption = {
    encrypt: (session, boundTo) => encrypt(first, JSON.stringify(session), boundTo),
    decrypt: (encrypted, boundTo) => decrypt([first, ...others], encrypted, boundTo),
  }
  return hideFromInspect(encryption, () => `RecordEncryption { keys: ${list.length} }`)
}

function encrypt({ id, key }: NamedKey, text: string, boundTo: string): string {
  const { createCipheriv, randomBytes } = nodeCrypto()
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(contextOf(id, boundTo))
  const parts = [iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return [MARK, id, Buffer.concat(parts).toString('base64url')].join('.')
}

function decrypt(keys: readonly NamedKey[], encrypted: unknown, boundTo: string): unknown {
  const parts = typeof encrypted === 'string' ? encrypted.split('.') : []
  const [mark, id = '', body = '', ...more] = parts
  if (mark !== MARK || more.length > 0) throw undecryptable('it was not encrypted by tokenward')
  const known = keys.find((key) => key.id === id)
  if (!known) throw undecryptable('it was encrypted with another key')
  try {
    return JSON.parse(decrypted(known, Buffer.from(body, 'base64url'), boundTo))
  } catch {
    throw undecryptable('it was changed, or encrypted for another session')
  }
}

function decrypted({ id, key }: NamedKey, bytes: Buffer, boundTo: string): string {
  const iv = bytes.subarray(0, IV_BYTES)
  const decipher = nodeCrypto()
    .createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(contextOf(id, boundTo))
    .setAuthTag(bytes.subarray(-TAG_BYTES))
  const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
  return Buffer.concat([text, decipher.final()]).toString('utf8')
}

/** What is not encrypted, and cannot be exchanged either. */
function contextOf(id: string, boundTo: string): Buffer {
  return Buffer.from(JSON.stringify([MARK, id, boundTo]))
}

function undecryptable(why: string): TokenStoreError {
  return new TokenStoreError(`What is stored cannot be decrypted: ${why}`, {
    operation: 'load',
    reason: 'undecryptable',
  })
}
