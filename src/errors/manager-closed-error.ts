import { TokenError } from './token-error.js'

/**
 * The manager was used after `close()`.
 *
 * @public
 */
export class ManagerClosedError extends TokenError<'ERR_MANAGER_CLOSED'> {
  readonly isTransient = false

  constructor(message = 'This TokenManager is closed') {
    super('ERR_MANAGER_CLOSED', 'ManagerClosedError', message)
  }
}
