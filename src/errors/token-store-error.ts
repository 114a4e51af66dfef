import { TokenError } from './token-error.js'

/**
 * The store of the session failed. A valid access token is still used.
 *
 * @public
 */
export class TokenStoreError extends TokenError<'ERR_TOKEN_STORE'> {
  readonly isTransient: boolean
  readonly operation: 'load' | 'save' | 'exclusive'
  /**
   * - `damaged`: what is stored cannot be read; a login or logout replaces it
   * - `locked`: the lease was not available in time, or the keyring is locked
   * - `unwritable`: the store can be read but not written
   * - `undecryptable`: no encryption key decrypts the record
   * - `failed`: anything else, including a timeout
   */
  readonly reason: 'damaged' | 'locked' | 'unwritable' | 'undecryptable' | 'failed'

  constructor(
    message: string,
    options: {
      operation: TokenStoreError['operation']
      reason?: TokenStoreError['reason']
      cause?: unknown
      /** @default true for `failed` and `locked`, otherwise false */
      isTransient?: boolean
    },
  ) {
    super('ERR_TOKEN_STORE', 'TokenStoreError', message, options)
    this.operation = options.operation
    this.reason = options.reason ?? 'failed'
    const isPassing = this.reason === 'failed' || this.reason === 'locked'
    this.isTransient = options.isTransient ?? isPassing
  }
}
