import axios from 'axios'
import { tokenErrorOf } from 'tokenward'
import { UsageError } from './arguments.js'

/** For `status`, which has said so already. */
export class NotSignedIn extends Error {}

/** See the help. */
const EXIT = { failed: 1, usage: 2, login: 3, later: 4 }

/**
 * What to tell the user, and with which code to exit.
 *
 * @param {unknown} error
 * @returns {{ message?: string, exitCode: number }}
 */
export function explain(error) {
  if (error instanceof UsageError) {
    return { message: `acme: ${error.message}. See: acme --help`, exitCode: EXIT.usage }
  }
  if (error instanceof NotSignedIn) return { exitCode: EXIT.login }

  const tokenError = tokenErrorOf(error)
  switch (tokenError?.code) {
    case 'ERR_LOGIN_REQUIRED':
      return { message: 'You are not signed in. Run: acme login', exitCode: EXIT.login }
    case 'ERR_TOKEN_OPTIONS': // a profile that is no name
      return { message: `acme: ${tokenError.message}`, exitCode: EXIT.usage }
    case 'ERR_MANAGER_CLOSED': // Ctrl-C
      return { exitCode: EXIT.failed }
    case undefined:
      break
    default: {
      const exitCode = tokenError?.isTransient ? EXIT.later : EXIT.failed
      return { message: `acme: ${tokenError?.message}`, exitCode }
    }
  }
  return axios.isAxiosError(error) ? explainAnswer(error) : explainBug(error)
}

/** @param {import('axios').AxiosError} error */
function explainAnswer({ response, message }) {
  if (!response) {
    return { message: `acme: the API cannot be reached: ${message}`, exitCode: EXIT.later }
  }
  const { status } = response
  const exitCode = status === 401 ? EXIT.login : status >= 500 ? EXIT.later : EXIT.failed
  return { message: `acme: the API answered ${status}`, exitCode }
}

/** @param {unknown} error */
function explainBug(error) {
  return { message: error instanceof Error ? error.stack : String(error), exitCode: EXIT.failed }
}
