import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { TokenOptionsError, TokenStoreError } from '../../errors.js'
import { hideFromInspect } from '../../inspect.js'
import type { StoredSession } from '../token-store.js'
import { namedKey, type NamedKey, type EncryptionKey } from './sealing-key.js'

/** Encryption at rest: AES-256-GCM, each record bound to what it is the record of. */
export interface RecordEncryption {
  /**
   * @param boundTo - the record's key or account: what is sealed for one opens for no other, so
   * that nobody who can write the store can put one user's record in the place of another's
   */
  seal(session: StoredSession, boundTo: string): string
  /**
   * What was sealed, to be checked like anything that comes out of a store.
   *
   * @throws TokenStoreError `undecryptable` if no key opens it, it is bound to something else, or
   * somebody changed it
   */
  open(sealed: unknown, boundTo: string): unknown
}

const VERSION = 'tw1'
const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * Seals with the first key and opens with all: to rotate, put the new key before the old ones, and
 * take those out when every record has been written anew.
 *
 * @param owner - whose option the keys are, for messages
 * @throws TokenOptionsError if there is no key, or one is none
 * @internal
 */
export function createSealing(
  owner: string,
  keys: EncryptionKey | readonly EncryptionKey[],
): RecordEncryption {
  const list: readonly unknown[] = Array.isArray(keys) ? keys : [keys]
  const [first, ...others] = list.map((key) => namedKey(owner, key))
  if (!first) throw new TokenOptionsError(`${owner}: at least one key wanted, got none`)
  const sealing: RecordEncryption = {
    seal: (session, boundTo) => seal(first, JSON.stringify(session), boundTo),
    open: (sealed, boundTo) => open([first, ...others], sealed, boundTo),
  }
  return hideFromInspect(sealing, () => `RecordEncryption { keys: ${list.length} }`)
}

function seal({ id, key }: NamedKey, text: string, boundTo: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(contextOf(id, boundTo))
  const sealed = Buffer.concat([
    iv,
    cipher.update(text, 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ])
  return [VERSION, id, sealed.toString('base64url')].join('.')
}

function open(keys: readonly NamedKey[], sealed: unknown, boundTo: string): unknown {
  const [version, id = '', body = '', ...more] = typeof sealed === 'string' ? sealed.split('.') : []
  if (version !== VERSION || more.length > 0)
    throw undecryptable('it is not sealed as it should be')
  const known = keys.find((key) => key.id === id)
  if (!known) throw undecryptable('it was sealed with another key')
  try {
    return JSON.parse(decrypted(known, Buffer.from(body, 'base64url'), boundTo))
  } catch {
    throw undecryptable('it was changed, or sealed for another session')
  }
}

function decrypted({ id, key }: NamedKey, bytes: Buffer, boundTo: string): string {
  const iv = bytes.subarray(0, IV_BYTES)
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES })
    .setAAD(contextOf(id, boundTo))
    .setAuthTag(bytes.subarray(-TAG_BYTES))
  const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES))
  return Buffer.concat([text, decipher.final()]).toString('utf8')
}

/** What is not encrypted, and cannot be exchanged either. */
function contextOf(id: string, boundTo: string): Buffer {
  return Buffer.from(JSON.stringify([VERSION, id, boundTo]))
}

function undecryptable(why: string): TokenStoreError {
  return new TokenStoreError(`What is stored cannot be decrypted: ${why}`, {
    operation: 'load',
    reason: 'undecryptable',
  })
}
