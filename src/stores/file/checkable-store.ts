import type { TokenStore } from '../token-store.js'

/** A store that can say beforehand whether a login could be saved in it. @public */
export interface CheckableStore extends TokenStore {
  /**
   * Does what a login will do, without a session: asks the keyring, writes files beside the
   * session's and removes them. Waits for no other process. Call it before the user logs in, or
   * give the store to `browserLogin`, `deviceLogin` or `terminalLogin`, which do.
   *
   * A session that is damaged or cannot be decrypted is no hindrance: a login replaces it.
   *
   * @throws TokenStoreError whose message says, in words for users, what is wrong and what to type
   */
  check(): Promise<void>
}
