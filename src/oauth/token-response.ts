import { InvalidTokenResponseError } from '../errors.js'
import { parseHttpDate } from '../http/retry-after.js'
import { judgeRefusal } from '../http/token-answer.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import { toTokenSet } from '../tokens/to-token-set.js'
import type { WireTokens } from '../tokens/token-input.js'
import type { TokenSet } from '../tokens/token-set.js'
import { isText, parseObject, readBody, redirected } from './answer-body.js'
import type { SentAnswer } from './sender.js'
import { isRedirect, isSuccess } from './transport.js'

const ENDPOINT = 'token endpoint'

/** An answer to a grant. */
export interface GrantAnswer extends SentAnswer {
  readonly spendsRefreshToken: boolean
  /** The key that it was proved with. */
  readonly dpopKey?: DpopKey | undefined
}

/**
 * The tokens in a token endpoint's answer. Lenient in what does not matter: once the server has
 * rotated the refresh token, an answer thrown away is a session lost.
 *
 * @throws TokenError as RFC 6749 §5.2 and law 8 have it
 * @internal
 */
export async function readTokenResponse(sent: GrantAnswer): Promise<TokenSet> {
  const { answer } = sent
  const body = await readBody(ENDPOINT, sent, (cause) => refusal(sent, undefined, cause))
  if (isRedirect(answer)) throw redirected(ENDPOINT, answer)
  const fields = parseObject(body)
  if (isSuccess(answer) && fields && isText(fields.access_token)) {
    assertAccessToken(fields)
    return toTokenSet(wireTokens(fields), {
      receivedAt: sent.sentAt,
      serverTime: parseHttpDate(answer.headers.get('date')),
      dpopKey: sent.dpopKey,
    })
  }
  // Some servers (GitHub, Slack) answer 200 with an error.
  if (!isSuccess(answer) || isText(fields?.error)) throw refusal(sent, fields)
  throw new InvalidTokenResponseError(
    `The token endpoint answered HTTP ${answer.status} without ${fields ? 'an access token' : 'a JSON object'} (RFC 6749 §5.1)`,
  )
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** RFC 8693 §2.2.1: what is issued may be no access token, and says so by `N_A`. */
function assertAccessToken(fields: Record<string, unknown>): void {
  if (!isNotApplicable(fields) || fields.issued_token_type === ACCESS_TOKEN) return
  throw new InvalidTokenResponseError(
    'The token endpoint issued a token that is no access token (token_type N_A, RFC 8693 §2.2.1): ask for another `requested_token_type`',
  )
}

function isNotApplicable({ token_type: type }: Record<string, unknown>): boolean {
  return typeof type === 'string' && type.toUpperCase() === 'N_A'
}

function refusal(
  { answer, scrubber, spendsRefreshToken }: GrantAnswer,
  fields: Record<string, unknown> | undefined,
  cause?: Error,
) {
  const said = (value: unknown) => (isText(value) ? scrubber.text(value) : undefined)
  return judgeRefusal({
    status: answer.status,
    error: said(fields?.error),
    errorDescription: said(fields?.error_description),
    retryAfter: answer.headers.get('retry-after'),
    date: answer.headers.get('date'),
    hasNoSession: !spendsRefreshToken,
    cause,
  })
}

/**
 * The members of RFC 6749 §5.1, no others (what `expires_at` means differs from server to server).
 * One that is of a wrong type and not needed is left out: what it replaces is kept.
 */
function wireTokens(fields: Record<string, unknown>): WireTokens {
  const text = (value: unknown) => (isText(value) ? value : undefined)
  const scope = Array.isArray(fields.scope) ? fields.scope.join(' ') : fields.scope
  return {
    access_token: fields.access_token as string,
    token_type: isNotApplicable(fields) ? undefined : (fields.token_type as string),
    refresh_token: text(fields.refresh_token),
    expires_in: fields.expires_in as number | string,
    scope: text(scope),
    id_token: text(fields.id_token),
  }
}
