import { InvalidTokenResponseError } from '../errors.js'
import { readRefusalBody } from '../http/refusal-body.js'
import { parseHttpDate, retryAfterIn } from '../http/retry-after.js'
import { judgeRefusal, type RefusalMeaning } from '../http/token-answer.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import { carryRefreshToken } from '../tokens/rotated.js'
import { accessTokenOf, membersOf, refreshTokenOf } from '../tokens/input-fields.js'
import type { TokenInput } from '../tokens/token-input.js'
import { receivedTokenSet } from '../tokens/received-token-set.js'
import type { TokenSet } from '../tokens/token-set.js'
import { readBody, redirected } from './answer-body.js'
import { parseTokenBody } from '../http/token-body.js'
import { titleOfPage } from './page-title.js'
import type { Provider } from './provider.js'
import { firstAt } from './provider/path.js'
import { matchesAny } from './provider/response-match.js'
import { extraMembers, standardMembers } from './provider/response-shape.js'
import type { Variables } from './provider/variables.js'
import type { SentAnswer } from './sender.js'
import { isRedirect, isSuccess } from './transport.js'

const ENDPOINT = 'token endpoint'

/** A response to a grant. */
export interface GrantAnswer extends SentAnswer {
  readonly spendsRefreshToken: boolean
  /** It begins a session: what cannot be read is refused, while it costs no more than a login. */
  readonly isLogin?: boolean
  readonly provider?: Provider | undefined
  /** Of the session: kept with its tokens. */
  readonly variables?: Variables | undefined
  /** Of the login's redirect: kept with its tokens, where the response has no such member. */
  readonly extra?: Readonly<Record<string, string>> | undefined
  /** The key that it was proved with. */
  readonly dpopKey?: DpopKey | undefined
}

type Members = Readonly<Record<string, unknown>>

/**
 * The tokens in a token endpoint's response. Lenient in what does not matter: once the server has
 * rotated the refresh token, a response thrown away is a session lost.
 *
 * @throws TokenError as RFC 6749 §5.2 and law 8 have it
 * @internal
 */
export async function readTokenResponse(sent: GrantAnswer): Promise<TokenSet> {
  const { answer, provider } = sent
  const text = await readBody(ENDPOINT, sent, (cause) => refusal(sent, undefined, cause))
  if (isRedirect(answer)) throw redirected(ENDPOINT, answer)
  const parsed = parseTokenBody(text)
  const body = parsed && bodyReadBy(provider, parsed, answer.status)
  const members = body && standardMembers(body, provider)
  const given = membersOf(members ?? {})
  const refreshToken = refreshTokenOf(given)
  const isError = body && matchesAny(matchable(sent, body), provider?.errors?.isError)
  if (isSuccess(answer) && members && typeof accessTokenOf(given) === 'string' && !isError) {
    assertAccessToken(members, refreshToken)
    return tokensOf(sent, members)
  }
  const error =
    isSuccess(answer) && !isRefusal(sent, body)
      ? noTokens(sent, text, body)
      : refusal(sent, body ?? text)
  throw isSuccess(answer) ? carryRefreshToken(error, refreshToken) : error
}

function tokensOf(sent: GrantAnswer, members: Members): TokenSet {
  const { answer, provider, variables, isLogin = false } = sent
  // Whatever the body says, the key is ours, and what is kept besides is the provider's to say.
  const input = {
    ...members,
    token_type: isNotApplicable(members) ? undefined : members.token_type,
    dpopKey: undefined,
    extra: { ...sent.extra, ...extraMembers(members, provider?.extra), ...variables },
  }
  return receivedTokenSet(input as TokenInput, {
    receivedAt: sent.sentAt,
    serverTime: parseHttpDate(answer.headers.get('date')),
    dpopKey: sent.dpopKey,
    isLogin,
    assumedLifetimeMs: provider?.assumedLifetimeMs,
    assumedRefreshTokenLifetimeMs: provider?.assumedRefreshTokenLifetimeMs,
    isOwnRefreshToken: provider?.refreshTokens === 'access-token',
  })
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** RFC 8693 §2.2.1: what is issued may be no access token, and says so by `N_A`. */
function assertAccessToken(members: Members, refreshToken: unknown): void {
  if (!isNotApplicable(members) || members.issued_token_type === ACCESS_TOKEN) return
  const error = new InvalidTokenResponseError(
    'The token endpoint issued a token that is not an access token (token_type N_A, RFC 8693 §2.2.1): ask for another `requested_token_type`',
  )
  throw carryRefreshToken(error, refreshToken)
}

function isNotApplicable({ token_type: type }: Members): boolean {
  return typeof type === 'string' && type.toUpperCase() === 'N_A'
}

function bodyReadBy(provider: Provider | undefined, body: Members, status: number): Members {
  const read = provider?.tokenResponse?.read
  return read ? { ...(read(body, status) as Members) } : body
}

/**
 * Some servers (GitHub, Slack) respond 200 with an error; and a 0 is how those with numbers say that
 * all is well.
 */
function isRefusal(sent: GrantAnswer, body: Members | undefined): boolean {
  if (!body) return false
  const error = codeIn(sent, body)
  if (meaningOf(sent, body) !== undefined) return true
  return error !== 0 && readRefusalBody(body, sent.scrubber, { error }).error !== undefined
}

function codeIn({ provider }: GrantAnswer, body: Members): unknown {
  return firstAt(body, provider?.errors?.code ?? 'error')
}

/** @param body - as text where it is no object */
function matchable(sent: GrantAnswer, body: Members | string) {
  const { status } = sent.answer
  if (typeof body === 'string') return { status, body: {}, text: body, code: undefined }
  return { status, body, code: codeIn(sent, body) }
}

/** What the refusal means, where the provider is known to say it so. */
function meaningOf(sent: GrantAnswer, body: Members | string): RefusalMeaning | undefined {
  const { errors = {} } = sent.provider ?? {}
  const response = matchable(sent, body)
  if (matchesAny(response, errors.passing)) return 'passing'
  if (!sent.spendsRefreshToken) return undefined
  if (matchesAny(response, errors.stepUp)) return 'step-up'
  return matchesAny(response, errors.endsSession) ? 'ends-session' : undefined
}

function refusal(sent: GrantAnswer, body: Members | string | undefined, cause?: Error) {
  const { answer, scrubber, spendsRefreshToken, provider } = sent
  const members = typeof body === 'object' ? body : undefined
  const said = readRefusalBody(body, scrubber, {
    error: members && codeIn(sent, members),
    errorDescription: members && firstAt(members, provider?.errors?.description ?? []),
  })
  return judgeRefusal({
    ...said,
    status: answer.status,
    page: typeof body === 'string' ? titleOfPage(body, scrubber) : undefined,
    meaning: body === undefined ? undefined : meaningOf(sent, body),
    retryAfter: retryAfterIn((name) => answer.headers.get(name), answer.status),
    date: answer.headers.get('date'),
    hasNoSession: !spendsRefreshToken,
    cause,
  })
}

function noTokens({ answer, scrubber }: GrantAnswer, text: string, body: Members | undefined) {
  const lacks = body ? 'an access token' : 'a JSON object'
  const page = body ? '' : titleOfPage(text, scrubber)
  return new InvalidTokenResponseError(
    `The token endpoint responded with HTTP ${answer.status} without ${lacks} (RFC 6749 §5.1)${page && `: ${page}`}`,
    { status: answer.status, body: readRefusalBody(body ?? text, scrubber).body },
  )
}
