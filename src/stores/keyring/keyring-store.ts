import { aText, checkOptions, checkValue } from '../../checks.js'
import { hideFromInspect } from '../../inspect.js'
import type { CheckableStore } from '../file/checkable-store.js'
import { onFile } from '../file/file-of-store.js'
import { aKeep, keepInMemory, type Keep } from '../file/keep.js'
import { aPath, sessionPath } from '../file/session-place.js'
import { sessionStore } from '../file/session-store.js'
import { aTimeout, KEYRING_TIMEOUT_MS } from './keyring-options.js'
import { sealedFormat } from './sealed-format.js'

/** @public */
export interface KeyringStoreOptions {
  /** The name of the program, as the keyring shows it. */
  service: string
  /** Whose session it is: a profile, a user name. Upper and lower case are told apart. */
  account: string
  /**
   * The encrypted file.
   *
   * @default named after the account, in the folder that the platform has for the service's state
   */
  path?: string | undefined
  /**
   * How long the keyring is waited for, in milliseconds. A manager gives each load and save 5 s: to
   * leave a user time to unlock the keyring, give more here and call `store.load()` first.
   *
   * @default 3000
   */
  timeoutMs?: number | undefined
  /** See `fileStore`. @default 'all' */
  keep?: Keep | undefined
}

/**
 * The session in an encrypted file whose key is in the operating system's keyring, by the package
 * `@napi-rs/keyring`, 2.1 or later: who steals the disk has nothing. Locks, and all else, as for
 * `fileStore`.
 *
 * The keyring is asked in a process of its own (`process.execPath -e`), so that one that never
 * responds blocks nothing. A locked one is a `TokenStoreError` with the reason `locked`; a key that
 * is gone, or fits no longer, one with the reason `undecryptable`: the session is never taken for
 * none. The next login replaces what cannot be decrypted.
 *
 * @throws TokenOptionsError if an option is not what it must be
 * @public
 */
export function keyringStore(options: KeyringStoreOptions): CheckableStore {
  checkOptions('keyringStore', options, OPTIONS)
  const { service, account, timeoutMs = KEYRING_TIMEOUT_MS, keep = 'all' } = options
  checkValue('keyringStore', 'service', service, aText)
  checkValue('keyringStore', 'account', account, aText)
  const path =
    options.path ?? sessionPath('keyringStore', { app: service, profile: account }, NAMES)
  const file = sessionPath('keyringStore', { path })
  const format = sealedFormat({ service, account, timeoutMs })
  const store = keepInMemory(sessionStore(file, format), keep)
  const hidden = hideFromInspect(store, () => `TokenStore { keyring ${file} }`)
  return onFile(hidden, { path: file, format, allowOthers: false })
}

const NAMES = { app: 'service', profile: 'account', path: 'path' }
const OPTIONS = { service: aText, account: aText, path: aPath, timeoutMs: aTimeout, keep: aKeep }
