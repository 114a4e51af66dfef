import axios, { type AxiosError } from 'axios'
import { tokenErrorOf, type TokenError } from 'tokenward'
import { UsageError } from './arguments.js'

/** For `status`, which has said so already. */
export class NotSignedIn extends Error {}

/** For `doctor`, which has said what. */
export class SomethingIsWrong extends Error {}

/** See the help. */
const EXIT = { failed: 1, usage: 2, login: 3, later: 4 }

/** What to tell the user, and with which code to exit. */
export interface Explanation {
  readonly message?: string
  readonly exitCode: number
}

export function explain(error: unknown): Explanation {
  if (error instanceof UsageError) {
    return { message: `acme: ${error.message}. See: acme --help`, exitCode: EXIT.usage }
  }
  if (error instanceof NotSignedIn) return { exitCode: EXIT.login }
  if (error instanceof SomethingIsWrong) return { exitCode: EXIT.failed }

  const tokenError = tokenErrorOf(error)
  if (tokenError) return explainTokenError(tokenError)
  return axios.isAxiosError(error) ? explainResponse(error) : explainBug(error)
}

function explainTokenError({ code, message, isTransient }: TokenError): Explanation {
  if (code === 'ERR_LOGIN_REQUIRED') {
    return { message: 'You are not logged in. Run: acme login', exitCode: EXIT.login }
  }
  // A profile that is no name.
  if (code === 'ERR_TOKEN_OPTIONS') return { message: `acme: ${message}`, exitCode: EXIT.usage }
  return { message: `acme: ${message}`, exitCode: isTransient ? EXIT.later : EXIT.failed }
}

function explainResponse({ response, message }: AxiosError): Explanation {
  if (!response) {
    return { message: `acme: the API cannot be reached: ${message}`, exitCode: EXIT.later }
  }
  const { status } = response
  const exitCode = status === 401 ? EXIT.login : status >= 500 ? EXIT.later : EXIT.failed
  return { message: `acme: the API answered ${status}`, exitCode }
}

function explainBug(error: unknown): Explanation {
  return { message: error instanceof Error ? error.stack : String(error), exitCode: EXIT.failed }
}
