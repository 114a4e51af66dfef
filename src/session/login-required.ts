import { LoginRequiredError } from '../errors.js'
import type { StoredSession } from '../stores/token-store.js'
import type { Facts } from './journal.js'

/**
 * @param said - what the server said when it ended the session, where the record tells
 * @internal
 */
export function loginRequired(
  reason: LoginRequiredError['reason'],
  said: Pick<Facts, 'error' | 'errorDescription'> = {},
): LoginRequiredError {
  const message = Object.hasOwn(MESSAGES, reason) ? MESSAGES[reason] : undefined
  const isServers = reason === 'invalid-grant'
  return new LoginRequiredError(message, {
    reason,
    ...(isServers && said.error !== reason && { providerError: said.error }),
    ...(isServers && { errorDescription: said.errorDescription }),
  })
}

const MESSAGES: Partial<Record<LoginRequiredError['reason'], string>> = {
  'no-session': 'Nobody has logged in yet',
  'signed-out': 'The user has logged out',
  'invalid-grant': 'The refresh token is no longer valid: the user must log in again',
  gone: 'The session is gone from its store: the user must log in again',
  'no-refresh-token': 'The token has expired and there is no refresh token: log in again',
  'session-changed': 'Another login replaced the one that this call began with',
}

/** Why the session that a record tells of has ended. @internal */
export function endOf(stored: StoredSession): LoginRequiredError {
  const { errorDescription, error } = stored.journal?.findLast(({ what }) => what === 'ended') ?? {}
  return loginRequired(stored.ended?.reason ?? 'signed-out', { errorDescription, error })
}
