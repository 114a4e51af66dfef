import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi'
import { anObject, aText, badOption, check, checkOptions } from '../../checks.js'
import { hideFromInspect } from '../../inspect.js'
import type { ClientConfig } from '../client-options.js'
import { requireEndpoint } from '../endpoints.js'
import { grantParameters, flawOfParameters, TARGET_CHECKS } from '../grant-parameters.js'
import type { TargetOptions } from '../grant.js'
import { own } from '../provider/own.js'
import { separateScopes, setParameters, shapedParameters } from '../provider/request-shape.js'
import { checkedVariables, fillParameters, fillPlaceholders } from '../provider/variables.js'
import type { ParameterShape } from '../provider.js'
import { flawOfRedirectUri, showUrl, type UrlRule } from '../secure-url.js'
import type { AuthorizationServerMetadata } from '../server-metadata.js'

/** @public */
export interface AuthorizationRequestOptions extends TargetOptions {
  /**
   * Where the server sends the response: an absolute URL without a fragment, registered there.
   *
   * @default the client's `redirectUri`
   */
  redirectUri?: string | undefined
  /** `login`, `consent`, `select_account`, `none` (OpenID Connect Core §3.1.2.1); several by spaces. */
  prompt?: string | undefined
  /** Who is probably logging in: a user name or an email address (`login_hint`). */
  loginHint?: string | undefined
  /** How long ago the user may have logged in, in seconds (`max_age`); 0: they must log in now. */
  maxAgeSeconds?: number | undefined
  /** How strong the login must be (`acr_values`, RFC 9470 §4), the preferred value first. */
  acrValues?: readonly string[] | undefined
  /** The values of a provider's placeholders for this session, such as `shop`. */
  variables?: Readonly<Record<string, string>> | undefined
  /** Other parameters that the server requires. */
  parameters?: Readonly<Record<string, string | readonly string[]>> | undefined
}

/**
 * A login in progress, as plain JSON. Store it where only the browser session of this user can find
 * it, and delete it when the response arrives. `codeVerifier` is a secret.
 *
 * @public
 */
export interface AuthorizationRequest {
  /** Where the user's browser is sent. */
  readonly url: string
  readonly redirectUri: string
  readonly state: string
  readonly codeVerifier: string
  /** Set if the scope contains `openid`. */
  readonly nonce?: string
  /** The authorization server's issuer, with which the response is compared. */
  readonly issuer: string
  /** The API for which the token is requested, if there is one. */
  readonly resource?: string
  /** The requested `max_age`, with which the ID token's `auth_time` is compared. */
  readonly maxAgeSeconds?: number
  /** The session's own values of a provider's placeholders: its tokens keep them in `extra`. */
  readonly variables?: Readonly<Record<string, string>>
}

const OWNER = 'authorizationRequest'

/** What has an option of its own, or is not for anyone to choose. */
const RESERVED = new Set([
  'client_id',
  'client_secret',
  'response_type',
  'redirect_uri',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'request',
  'request_uri',
  'scope',
  'resource',
  'audience',
  'prompt',
  'login_hint',
  'max_age',
  'acr_values',
])

const wholeSeconds = check(
  'a whole number of seconds, 0 or more',
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
)

const acrValues = check('an array of values without spaces', (value) => {
  return (
    Array.isArray(value) && value.every((each) => aText.isGood(each) && !/\s/.test(each as string))
  )
})

/** @internal */
export async function beginAuthorization(
  config: ClientConfig,
  discover: () => Promise<AuthorizationServerMetadata>,
  assertUrl: UrlRule,
  options: AuthorizationRequestOptions = {},
): Promise<AuthorizationRequest> {
  checkOptions(OWNER, options, {
    ...TARGET_CHECKS,
    redirectUri: (value) => flawOfRedirectUri(value, config.insecureOrigins),
    prompt: aText,
    loginHint: aText,
    maxAgeSeconds: wholeSeconds,
    acrValues,
    parameters: flawOfParameters(RESERVED),
    variables: anObject,
  })
  const { provider } = config
  const variables = checkedVariables(options.variables ?? {}, provider?.variables ?? {})
  const redirectUri = options.redirectUri ?? config.redirectUri
  if (redirectUri === undefined) {
    throw badOption(OWNER, 'redirectUri', 'must be given, here or to the client')
  }
  const server = await discover()
  const values = { ...config.variables, ...variables }
  const endpoint = fillPlaceholders(requireEndpoint(server, 'authorization_endpoint'), values)
  assertUrl(endpoint)

  const { scope, resource, audience, maxAgeSeconds } = options
  const codeVerifier = generateRandomCodeVerifier()
  const state = generateRandomState()
  const nonce = scope?.split(' ').includes('openid') ? generateRandomNonce() : undefined
  const url = new URL(endpoint)
  const usual = grantParameters({
    ...options.parameters,
    response_type: 'code',
    client_id: config.clientId,
    redirect_uri: redirectUri,
    state,
    ...(provider?.pkce !== false && {
      code_challenge: await calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    }),
    nonce,
    scope,
    resource,
    audience,
    prompt: options.prompt,
    login_hint: options.loginHint,
    max_age: maxAgeSeconds?.toString(),
    acr_values: options.acrValues?.join(' ') || undefined,
  })
  separateScopes(usual, provider?.scopeSeparator ?? ' ')
  const described = withoutReplaced(
    own(provider?.authorizationRequest ?? {}),
    options.parameters ?? {},
  )
  const shape = fillParameters(described, values, provider?.variables)
  setParameters(url, shapedParameters(usual, shape))

  const resources = [resource ?? []].flat()
  const request: AuthorizationRequest = {
    url: url.href,
    redirectUri,
    state,
    codeVerifier,
    issuer: server.issuer,
    ...(nonce !== undefined && { nonce }),
    ...(resources.length === 1 && { resource: resources[0]! }),
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    ...(options.variables && { variables }),
  }
  return Object.freeze(
    hideFromInspect(request, () => `AuthorizationRequest { at: ${showUrl(url)} }`),
  )
}

/** What one login says outranks what its server usually wants. */
function withoutReplaced(shape: ParameterShape, own: object): ParameterShape {
  const entries = Object.entries(shape.parameters ?? {})
  const parameters = Object.fromEntries(entries.filter(([name]) => !Object.hasOwn(own, name)))
  return { ...shape, parameters }
}
