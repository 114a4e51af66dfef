import type { StoredSession } from '../token-store.js'
import { createRecordEncryption, type RecordEncryption } from '../encryption/record-encryption.js'
import type { EncryptionKey } from '../encryption/encryption-key.js'
import { nodeCrypto } from '../encryption/node-crypto.js'
import type { SessionFormat } from './session-format.js'

/** With what a file is encrypted where there is no keyring. @public */
export type FileEncryption =
  { key: EncryptionKey; passphrase?: undefined } | { passphrase: string; key?: undefined }

/** OWASP's first choice for scrypt: 128 MiB and some tenths of a second for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }
const SALT_BYTES = 16
const KEY_BYTES = 32

/**
 * Encrypted with a key of the caller's, or one that is made of a passphrase and a salt in the file.
 * That one is made once in a process, and again when a login of another process has brought another
 * salt.
 *
 * @param boundTo - what is encrypted for one place opens at no other
 * @internal
 */
export function encryptedFormat(
  { key, passphrase }: FileEncryption,
  boundTo: string,
): SessionFormat {
  const fixed = key === undefined ? undefined : createRecordEncryption(OWNER, key)
  /** One that opened what is there: whoever planted another may have made keys for it beforehand. */
  let trustedSalt: string | undefined
  let derived: { salt: string; encryption: RecordEncryption } | undefined

  const encryptionFor = async (salt: string): Promise<RecordEncryption> => {
    if (fixed) return fixed
    if (derived?.salt !== salt) {
      derived = { salt, encryption: createRecordEncryption(OWNER, await keyOf(passphrase!, salt)) }
    }
    return derived.encryption
  }
  const known = (salt: unknown) =>
    fixed ?? (derived?.salt === salt ? derived?.encryption : undefined)

  return {
    async decode({ encrypted, salt = '' }) {
      if (typeof encrypted !== 'string' || typeof salt !== 'string') return undefined
      const session = (await encryptionFor(salt)).decrypt(encrypted, boundTo)
      trustedSalt = salt
      return session
    },
    async encode(session: StoredSession) {
      if (fixed) return { encrypted: fixed.encrypt(session, boundTo) }
      const salt = trustedSalt ?? nodeCrypto().randomBytes(SALT_BYTES).toString('base64url')
      return { salt, encrypted: (await encryptionFor(salt)).encrypt(session, boundTo) }
    },
    sync: {
      decode: ({ encrypted, salt }) => known(salt)?.decrypt(encrypted, boundTo),
      encode: (session, replaced) => {
        const encrypted = known(replaced?.salt)?.encrypt(session, boundTo)
        return encrypted === undefined ? undefined : { salt: replaced?.salt, encrypted }
      },
    },
  }
}

const OWNER = 'fileStore'

function keyOf(passphrase: string, salt: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    nodeCrypto().scrypt(
      passphrase.normalize('NFC'),
      Buffer.from(salt, 'base64url'),
      KEY_BYTES,
      COST,
      (error, key) => {
        if (error) reject(error)
        else resolve(key)
      },
    )
  })
}
