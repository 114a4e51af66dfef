import type { TokenStore } from '../token-store.js'

/** A store that can say beforehand whether a login could be saved in it. @public */
export interface CheckableStore extends TokenStore {
  /**
   * Tries what the save of a login does, without a session: it asks the keyring, writes files beside
   * the session's file and removes them. It does not wait for other processes. Call it before the
   * user logs in, or pass the store to `browserLogin`, `deviceLogin` or `terminalLogin`, which call
   * it.
   *
   * It does not fail for a session that is damaged or cannot be decrypted, because a login replaces
   * such a session.
   *
   * @throws TokenStoreError whose message says, in words for users, what is wrong and what to type
   */
  check(): Promise<void>
}
