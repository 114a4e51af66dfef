import { validateAuthResponse, type AuthorizationServer } from 'oauth4webapi'
import { aSignal, aText, checkOptions, checkValue, optionError } from '../../checks.js'
import { isTokenError, LoginError } from '../../errors.js'
import { foreignText } from '../../foreign-text.js'
import { redact } from '../../redact.js'
import type { TokenSet } from '../../tokens/token-set.js'
import { grantParameters } from '../grant-parameters.js'
import type { Provider } from '../provider.js'
import { checkedVariables } from '../provider/variables.js'
import { parseUrl } from '../secure-url.js'
import type { AuthorizationServerMetadata } from '../server-metadata.js'
import type { TokenRequester } from '../token-request.js'
import { withinAttempt } from './attempt.js'
import type { AuthorizationRequest } from './authorization-request.js'
import { isDenial } from './denial.js'
import type { IdTokenCheck } from './id-token.js'
import type { SpentAnswers } from './spent-answers.js'

/** @public */
export interface AuthorizationCodeOptions {
  /** Aborts the login. */
  signal?: AbortSignal | undefined
}

/** What a login's end needs of its client. @internal */
export interface CodeLogin {
  readonly clientId: string
  readonly discover: () => Promise<AuthorizationServerMetadata>
  readonly requestTokens: TokenRequester
  readonly checkIdToken: IdTokenCheck
  readonly spent: SpentAnswers
  readonly provider: Provider | undefined
}

const OWNER = 'authorizationCode'

/** @internal */
export async function endAuthorization(
  login: CodeLogin,
  callback: string | URL | URLSearchParams,
  request: AuthorizationRequest,
  options: AuthorizationCodeOptions = {},
): Promise<TokenSet> {
  checkOptions(OWNER, options, { signal: aSignal })
  assertRequest(request)
  const answer = readCallback(callback)
  return withinAttempt(options.signal, async (signal) => {
    const code = readCode(login.clientId, await login.discover(), answer, request)
    login.spent.take(request.state)
    try {
      return await login.requestTokens(
        {
          grantType: 'authorization_code',
          parameters: grantParameters({
            code,
            redirect_uri: request.redirectUri,
            code_verifier: login.provider?.pkce === false ? undefined : request.codeVerifier,
            resource: request.resource,
          }),
          spendsRefreshToken: false,
          secrets: [code, request.codeVerifier],
          extra: keptOf(answer, login.provider),
          variables: checkedVariables(request.variables ?? {}, login.provider?.variables ?? {}),
          check: login.checkIdToken(request),
        },
        signal,
      )
    } catch (error) {
      if (isTokenError(error, 'ERR_REFRESH_UNAVAILABLE') && error.outcome === 'not-sent') {
        login.spent.giveBack(request.state)
      }
      throw asLoginError(error)
    }
  })
}

/** RFC 6749 §5.2, and what glewlwyd and Slack, and GitHub, say instead. */
const REFUSALS_OF_CODE = ['invalid_grant', 'invalid_code', 'bad_verification_code']

/** Where a login's own code is refused, another login is what helps. */
function asLoginError(error: unknown): unknown {
  if (!isTokenError(error, 'ERR_REFRESH_REJECTED')) return error
  if (!REFUSALS_OF_CODE.includes(error.error ?? '')) return error
  const { error: code, errorDescription } = error
  return new LoginError(
    'The authorization code was refused: it was already used or has expired. Log in again',
    {
      reason: 'failed',
      error: code,
      errorDescription,
      cause: error,
    },
  )
}

/** @throws LoginError if the response is not one to the request, or is an error */
function readCode(
  clientId: string,
  server: AuthorizationServerMetadata,
  answer: URLSearchParams,
  request: AuthorizationRequest,
): string {
  if (answer.get('state') !== request.state) {
    throw new LoginError(
      `The response is not to this login: its state is ${answer.has('state') ? 'another' : 'missing'}`,
      { reason: 'state' },
    )
  }
  if (server.issuer !== request.issuer) {
    throw new LoginError('The login was begun at another authorization server', {
      reason: 'issuer',
    })
  }
  let valid: URLSearchParams
  try {
    valid = validateAuthResponse(
      server as AuthorizationServer,
      { client_id: clientId },
      answer,
      request.state,
    )
  } catch (cause) {
    throw refused(server, answer, cause)
  }
  if (valid.get('iss') === '') throw refused(server, answer, undefined) // the library takes it for none
  const [code, ...others] = valid.getAll('code')
  if (code && others.length === 0) return code
  const what = code ? 'more than one code (RFC 6749 §3.1)' : 'neither a code nor an error'
  throw new LoginError(`The response has ${what}`, { reason: 'failed' })
}

/** A parameter that comes twice says nothing (RFC 6749 §3.1). */
function keptOf(answer: URLSearchParams, provider: Provider | undefined): Record<string, string> {
  const { redirectExtra = [], variables = {} } = provider ?? {}
  const kept = redirectExtra
    .filter((name) => !Object.hasOwn(variables, name) && answer.getAll(name).length === 1)
    .map((name) => [name, answer.get(name)!] as const)
  return Object.fromEntries(kept.filter(([, value]) => value !== ''))
}

function refused(
  server: AuthorizationServerMetadata,
  answer: URLSearchParams,
  cause: unknown,
): LoginError {
  const [iss, ...others] = answer.getAll('iss')
  const isIssuerBad =
    iss === undefined
      ? server.authorization_response_iss_parameter_supported === true
      : iss !== server.issuer
  if (isIssuerBad && others.length === 0) {
    return new LoginError(
      `The response ${iss !== undefined ? 'comes from another authorization server' : 'does not say from which authorization server it comes'} (RFC 9207)`,
      { reason: 'issuer', cause },
    )
  }
  const said = (name: string) => {
    const text = answer.get(name)
    return text ? foreignText(redact(text)) : undefined
  }
  const error = said('error')
  return new LoginError(
    error ? `The login was refused (${error})` : 'This is not an authorization response',
    {
      reason: isDenial(error) ? 'denied' : 'failed',
      error,
      errorDescription: said('error_description'),
      cause,
    },
  )
}

/** A whole URL, what Node's `request.url` has, or the form of `response_mode=form_post`. */
function readCallback(callback: string | URL | URLSearchParams): URLSearchParams {
  if (callback instanceof URLSearchParams) return callback
  if (callback instanceof URL) return callback.searchParams
  if (typeof callback !== 'string') {
    throw optionError(OWNER, 'callback', 'a URL or its parameters', callback)
  }
  const whole = parseUrl(callback)
  if (whole) return whole.searchParams
  const query = callback.indexOf('?')
  return new URLSearchParams(callback.slice(query + 1).split('#')[0])
}

function assertRequest(request: unknown): asserts request is AuthorizationRequest {
  const fields = (typeof request === 'object' && request) || {}
  for (const name of ['redirectUri', 'state', 'codeVerifier', 'issuer']) {
    checkValue(OWNER, `request.${name}`, Reflect.get(fields, name), aText)
  }
}
