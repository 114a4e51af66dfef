import { existsSync } from 'node:fs'
import { isTokenError, TokenStoreError } from '../../errors.js'
import type { Content, SessionFormat } from '../file/session-format.js'
import { nodeCrypto } from '../encryption/node-crypto.js'
import { createRecordEncryption, type RecordEncryption } from '../encryption/record-encryption.js'
import type { StoredSession } from '../token-store.js'
import type { askKeyring as ask, KeyringEntry } from './keyring-process.js'

export interface SealedFormat extends SessionFormat {
  /**
   * Whether the keyring holds a key for this entry: then what belongs there is sealed. A keyring
   * that cannot be asked in a second holds none that this process could use. Asked once a process,
   * and not at all where there is no session bus to ask it by.
   */
  isKnown(): Promise<boolean>
  /** Whether the keyring can be used now. @throws TokenStoreError */
  check(): Promise<void>
  /**
   * Removes the key, unless what the file holds now needs it.
   *
   * @param contentNow - reads what the file holds: a login may replace it at any moment
   * @throws TokenStoreError
   */
  forget(contentNow: () => Promise<Content | undefined>): Promise<void>
  /** Whether the keyring has the key of what was written last: it was removed if need be, and is put back. */
  confirm(content: Content): Promise<boolean>
}

/**
 * Sealed with a key that is in the keyring. So no platform's limit matters (Windows: 2,560 bytes),
 * and what is in the keyring never changes with a refresh. The key is asked for once a process: a
 * keyring that is locked with the screen stops no refresh.
 *
 * @internal
 */
export function sealedFormat(entry: KeyringEntry): SealedFormat {
  const boundTo = JSON.stringify([entry.service, entry.account])
  let known: RecordEncryption | undefined
  let knownKey: string | undefined
  let isConfirmed = true

  /** The key that opened what is there seals what replaces it. */
  const opensWithKnown = (sealed: unknown): boolean => {
    try {
      known?.decrypt(sealed, boundTo)
      return known !== undefined
    } catch {
      return false
    }
  }

  let isKnown: Promise<boolean> | undefined

  return {
    isKnown: () => {
      isKnown ??= mayHaveKeyring() ? holdsKey(entry) : Promise.resolve(false)
      return known ? Promise.resolve(true) : isKnown
    },

    check: async () => {
      if (!known) await askKeyring(entry, { act: 'get' }, 'save')
    },

    forget: async (contentNow) => {
      const isNeeded = async () => (await contentNow())?.sealed !== undefined
      if (await isNeeded()) return
      const key = knownKey ?? (await askKeyring(entry, { act: 'get' }, 'save'))
      if (key === undefined) return
      if ((await askKeyring(entry, { act: 'remove' }, 'save')) !== undefined) throw keyStays(entry)
      known = knownKey = isKnown = undefined
      // A login was given this key before it was removed. One that is not there yet asks again itself.
      if (await isNeeded()) await askKeyring(entry, { act: 'obtain', candidate: key }, 'save')
    },

    confirm: async ({ sealed }) => {
      if (isConfirmed || sealed === undefined) return true
      const candidate = knownKey!
      const ask = askKeyring(entry, { act: 'obtain', candidate }, 'save')
      const key = await ask.catch(() => candidate) // what is saved has not failed by that
      isConfirmed = key === candidate
      if (!isConfirmed) known = knownKey = undefined
      return isConfirmed
    },

    sync: {
      decode: ({ sealed }) => (known ? known.decrypt(sealed, boundTo) : undefined),
      encode: (session, replaced) =>
        opensWithKnown(replaced?.sealed) ? { sealed: known!.encrypt(session, boundTo) } : undefined,
    },

    async decode({ sealed }) {
      if (typeof sealed !== 'string') return undefined
      if (!opensWithKnown(sealed)) {
        const key = await askKeyring(entry, { act: 'get' }, 'load')
        if (key === undefined) throw keyIsGone(entry)
        known = encryptionBy(key)
        knownKey = key
      }
      return known!.decrypt(sealed, boundTo)
    },

    async encode(session: StoredSession, replaced) {
      if (!opensWithKnown(replaced?.sealed)) {
        const candidate = nodeCrypto().randomBytes(32).toString('base64url')
        const key = await askKeyring(entry, { act: 'obtain', candidate }, 'save')
        if (key === undefined) {
          throw new TokenStoreError('The keyring did not store the key', {
            operation: 'save',
            isTransient: false,
          })
        }
        known = encryptionBy(key)
        knownKey = key
        isConfirmed = false
      }
      return { sealed: known!.encrypt(session, boundTo) }
    },
  }
}

/** Loaded when it is needed: most runs of a program find a session in a file, or none. */
const askKeyring: typeof ask = async (...question) => {
  const { askKeyring } = await import('./keyring-process.js')
  const answer = askKeyring(...question)
  nodeCrypto() // loaded while the keyring is asked: what it answers is a key
  return answer
}

const LONGEST_DOUBT_MS = 1_000

async function holdsKey(entry: KeyringEntry): Promise<boolean> {
  const timeoutMs = Math.min(entry.timeoutMs, LONGEST_DOUBT_MS)
  const key = await askKeyring({ ...entry, timeoutMs }, { act: 'get' }, 'load').catch(
    () => undefined,
  )
  return key !== undefined
}

/** Over SSH and in containers there is mostly no session bus: then no process is started for it. */
function mayHaveKeyring(): boolean {
  if (process.platform !== 'linux') return true
  const { DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR } = process.env
  return Boolean(DBUS_SESSION_BUS_ADDRESS) || existsSync(`${XDG_RUNTIME_DIR}/bus`)
}

function encryptionBy(key: string): RecordEncryption {
  try {
    return createRecordEncryption('keyringStore', key)
  } catch (error) {
    if (!isTokenError(error)) throw error
    throw undecryptable('the entry in the keyring is not a key of tokenward')
  }
}

function keyStays({ service, account }: KeyringEntry): TokenStoreError {
  return new TokenStoreError(
    `The session is in its file, but its former key (${service}, ${account}) could not be removed from the keyring`,
    { operation: 'save', isTransient: false },
  )
}

function keyIsGone({ service, account }: KeyringEntry): TokenStoreError {
  return undecryptable(`its key (${service}, ${account}) is no longer in the keyring`)
}

function undecryptable(why: string): TokenStoreError {
  return new TokenStoreError(
    `The session cannot be decrypted: ${why}. The next login or logout replaces it, and keeps the old file next to it`,
    { operation: 'load', reason: 'undecryptable' },
  )
}
