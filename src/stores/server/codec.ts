import { anObject, check, checkOptions, checkValue } from '../../checks.js'
import { parseRecord } from '../../nested-json.js'
import type { EncryptionKey } from '../encryption/encryption-key.js'
import { createRecordEncryption, type RecordEncryption } from '../encryption/record-encryption.js'
import type { StoredSession } from '../token-store.js'
import { damagedRecord } from './failures.js'

/** Encryption at rest, by AES-256-GCM. @public */
export interface StoreEncryption {
  /** Encrypts and decrypts. From a secret store or the environment, and not where the records are. */
  key: EncryptionKey
  /**
   * Decrypt only: to rotate, put the new key in the place of the old one, and the old one here until
   * every session was refreshed or has expired.
   */
  oldKeys?: readonly EncryptionKey[] | undefined
}

/** How a session becomes text, and how it is found again. */
export interface SessionCodec {
  encode(session: StoredSession): string
  /** @throws TokenStoreError `damaged` or `undecryptable` */
  decode(text: string): unknown
}

/**
 * @param owner - whose option `encryption` is, for messages
 * @param name - whose record it is: what is encrypted for one name is decrypted for no other
 * @throws TokenOptionsError
 * @internal
 */
export function codecOf(
  owner: string,
  name: string,
  encryption: StoreEncryption | undefined,
): SessionCodec {
  if (encryption === undefined) return IN_CLEAR
  const shared = sharedEncryption(owner, encryption)
  return {
    encode: (session) => shared.encrypt(session, name),
    decode: (text) => shared.decrypt(text, name),
  }
}

const IN_CLEAR: SessionCodec = {
  encode: (session) => JSON.stringify(session),
  decode: (text) => {
    try {
      return parseRecord(text)
    } catch {
      throw damagedRecord('not valid JSON')
    }
  },
}

/** One for all sessions, by the object, which is the app's configuration; another one is read again. */
const encryptions = new WeakMap<object, RecordEncryption>()

const KEYS = { key: check('given', () => true), oldKeys: check('an array', Array.isArray) }

function sharedEncryption(owner: string, given: StoreEncryption): RecordEncryption {
  checkValue(owner, 'encryption', given, anObject)
  const known = encryptions.get(given)
  if (known) return known
  checkOptions(`${owner} \`encryption\``, given, KEYS)
  const made = createRecordEncryption(owner, [given.key, ...(given.oldKeys ?? [])])
  encryptions.set(given, made)
  return made
}
