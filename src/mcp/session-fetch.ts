import { isTokenError, setReason, tokenErrorOf, type TokenError } from '../errors.js'
import { canBeSentTwice } from '../http/body.js'
import { discard } from '../http/fetch/discard.js'
import type { TokenFetch, TokenFetchInit } from '../http/fetch/options.js'
import { originOf } from '../http/origins.js'
import { untilAborted } from '../wait.js'
import { challengeIn } from './resource-metadata.js'
import type { SessionLogins } from './session-logins.js'

/**
 * A `fetch` that sends the session's token, and logs in where only that helps.
 *
 * @param authorized - sends the token, and renews it
 * @internal
 */
export function createSessionFetch(
  origin: string,
  authorized: TokenFetch,
  logins: SessionLogins,
): TokenFetch {
  return async (input, init) => {
    if (!isOurs(origin, input, init)) return authorized(input, init)
    const before = logins.tokens.sessionId
    const first = await sent(() => authorized(input, init))
    const error = neededLogin(first)
    if (!error) return outcomeOf(first)
    // The refusal of a request without a token says where tokens come from (RFC 9728 §5.1).
    const refused = first.response ?? (await authorized(input, { ...init, tokens: false }))
    if (refused.status !== 401 && refused.status !== 403) return refused
    // A redirect may have led elsewhere, and nobody there says where our tokens come from.
    if (refused.url && originOf(refused.url) !== origin) return refused
    const isReplaced = isAnother(before, logins.tokens.sessionId)
    const isHelped = isReplaced || (await helped(() => logins.satisfy(error, challengeIn(refused)), refused, init)) // prettier-ignore
    if (!isHelped) {
      setReason(refused, error)
      return refused
    }
    discard(refused)
    return authorized(input, init)
  }
}

/** A session that has ended is none. */
function isAnother(before: string | undefined, sessionId: string | undefined): boolean {
  return before !== undefined && sessionId !== undefined && sessionId !== before
}

/** How a request ended: with a response, or a rejection. */
type Sent =
  | { readonly response: Response; readonly thrown?: undefined }
  | { readonly response?: undefined; readonly thrown: unknown }

async function sent(send: () => Promise<Response>): Promise<Sent> {
  try {
    return { response: await send() }
  } catch (thrown) {
    return { thrown }
  }
}

function outcomeOf({ response, thrown }: Sent): Response {
  if (response) return response
  throw thrown
}

/** Why it failed, if a login may help. */
function neededLogin({ response, thrown }: Sent): TokenError | undefined {
  const error = tokenErrorOf(response ?? thrown)
  if (isTokenError(error, 'ERR_LOGIN_REQUIRED')) return error
  if (isTokenError(error, 'ERR_STEP_UP_REQUIRED')) return error
  if (isTokenError(error, 'ERR_REFRESH_REJECTED')) {
    return error.error === 'invalid_client' ? error : undefined
  }
  return undefined
}

/** The caller's signal ends its wait, not the login that others may wait for. */
async function helped(
  satisfy: () => Promise<boolean>,
  refused: Response,
  init: TokenFetchInit | undefined,
): Promise<boolean> {
  try {
    return await untilAborted(satisfy(), init?.signal ?? undefined)
  } catch (thrown) {
    discard(refused)
    throw thrown
  }
}

/** Requests to the MCP server that can be sent again, as the SDK's are. */
function isOurs(
  origin: string,
  input: string | URL | Request,
  init: TokenFetchInit | undefined,
): boolean {
  if (typeof input !== 'string' && !(input instanceof URL)) return false
  if (init?.tokens !== undefined || !canBeSentTwice(init?.body)) return false
  return originOf(String(input)) === origin
}
