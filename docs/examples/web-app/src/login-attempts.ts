import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AuthorizationRequest } from 'tokenward/oauth'
import { secretCookie } from './cookies.js'
import { nameOf, newSecret } from './secrets.js'
import type { State } from './state.js'

const ATTEMPT_MS = 10 * 60 * 1000

export type LoginAttempts = ReturnType<typeof createLoginAttempts>

/**
 * Logins that were begun and have no response yet. They stay at the server, since a code verifier is a
 * secret, and are found only by the browser that began them: a response that someone else began,
 * and slips to a user, logs nobody in. By their `state` too, so that several tabs may log in at once.
 */
export function createLoginAttempts(state: State, origin: URL) {
  const cookie = secretCookie('login', origin, ATTEMPT_MS)
  const keyOf = (browser: string, attempt: string) => `login:${nameOf(`${browser} ${attempt}`)}`

  return {
    async begin(request: FastifyRequest, reply: FastifyReply, attempt: AuthorizationRequest) {
      const browser = cookie.of(request) ?? newSecret()
      await state.put(keyOf(browser, attempt.state), attempt, ATTEMPT_MS)
      cookie.set(reply, browser)
    },
    /** Once: whoever comes second, with the same response, finds nothing. */
    async take(request: FastifyRequest, attempt: unknown) {
      const browser = cookie.of(request)
      if (browser === undefined || typeof attempt !== 'string') return undefined
      return state.take<AuthorizationRequest>(keyOf(browser, attempt))
    },
  }
}
