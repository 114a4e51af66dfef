import { basename } from 'node:path'
import { aBoolean, check, checkOptions } from '../../checks.js'
import { hideFromInspect } from '../../inspect.js'
import type { CheckableStore } from './checkable-store.js'
import { encryptedFormat, type FileEncryption } from './encrypted-format.js'
import { onFile } from './file-of-store.js'
import { aKeep, keepInMemory, type Keep } from './keep.js'
import { PLAIN } from './session-format.js'
import { PLACE, sessionPath, type SessionPlace } from './session-place.js'
import { sessionStore } from './session-store.js'

/** @public */
export type FileStoreOptions = SessionPlace & {
  /**
   * - `all`: every token
   * - `refresh-token`: the access token and the ID token stay in this process's memory, so that
   *   each process begins with a refresh
   *
   * @default 'all'
   */
  keep?: Keep | undefined
  /**
   * Take a file that others than its owner have access to. What is written again is its owner's
   * alone all the same.
   *
   * @default false: such a file is an error. Not looked at on Windows.
   */
  allowInsecurePermissions?: boolean | undefined
  /**
   * Encrypts the file (AES-256-GCM), for machines without a keyring. Pass a key of 32 random bytes
   * in base64 (`openssl rand -base64 32`), or a passphrase, from which scrypt makes a key in
   * some tenths of a second in each process. Take it from the environment or a secret mount; beside
   * the file it protects nothing. A file in clear is `damaged` then, and one that was encrypted
   * otherwise is `undecryptable`: the next login replaces it, and keeps what is there beside it.
   *
   * @default the tokens are in clear
   */
  encryption?: FileEncryption | undefined
}

const OPTIONS = {
  ...PLACE,
  keep: aKeep,
  allowInsecurePermissions: aBoolean,
  encryption: check('{ key } or { passphrase }, not empty', isEncryption),
}

/** Also refused: one whose variable is not set, which must not mean "in clear". */
function isEncryption(value: unknown): boolean {
  const { key, passphrase } = Object(value) as Partial<FileEncryption>
  if (key !== undefined) return passphrase === undefined
  return typeof passphrase === 'string' && passphrase !== ''
}

/**
 * The session of one user in a file, for programs that run for a moment, and often at once. One
 * process at a time renews, logins and logouts wait for nobody, and a killed process leaves neither
 * half a file nor a lock. The tokens are in clear unless you say `encryption`, in a file of mode 0600 and a folder of 0700.
 *
 * No native code is needed: it works in Node.js, Bun and Deno, bundled or not, and processes of all of
 * these share one file. The file system must have hard links. A symbolic link of this user is
 * followed. Beside the file lies a `.lock`, which stays.
 *
 * @example
 * const tokens = new TokenManager({ refresh, store: fileStore({ app: 'my-cli', profile }) })
 *
 * @throws TokenOptionsError if the place is none, or an option is unknown
 * @public
 */
export function fileStore(options: FileStoreOptions): CheckableStore {
  checkOptions('fileStore', options, OPTIONS)
  const { path, app, profile, keep = 'all', allowInsecurePermissions = false } = options
  const { encryption } = options
  const file = sessionPath('fileStore', { path, app, profile } as SessionPlace)
  const place = app === undefined ? [basename(file)] : [app, (profile ?? 'default').normalize()]
  const boundTo = JSON.stringify(['fileStore', ...place])
  const format = encryption ? encryptedFormat(encryption, boundTo) : PLAIN
  const store = sessionStore(file, format, allowInsecurePermissions)
  const kept = hideFromInspect(keepInMemory(store, keep), () => `TokenStore { file ${file} }`)
  return onFile(kept, { path: file, format, allowOthers: allowInsecurePermissions })
}
