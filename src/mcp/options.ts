import {
  aFunction,
  anObject,
  assertUnpolluted,
  aText,
  check,
  checkValue,
  isObject,
  oneOrMore,
  optionError,
  type Check,
} from '../checks.js'
import { TokenOptionsError } from '../errors.js'
import type { AnyFetch } from '../http/fetch/options.js'
import type { AuthorizationRequestOptions } from '../oauth/login/authorization-request.js'
import type { OAuthClient } from '../oauth/oauth-client.js'
import { flawOfUrl, parseUrl } from '../oauth/secure-url.js'
import type { SessionOptions } from '../options.js'
import type { TokenSet } from '../tokens/token-set.js'

/** What a login asks for, as `browserLogin` takes it. @public */
export interface McpLoginRequest extends Pick<
  AuthorizationRequestOptions,
  'scope' | 'prompt' | 'acrValues' | 'maxAgeSeconds' | 'parameters'
> {
  /** The client, at the authorization server that the MCP server named. */
  client: OAuthClient
  /** As the client is registered with. */
  redirectUri: string | readonly string[]
  /** The MCP server's identifier (RFC 8707). */
  resource?: string
}

/** By the names of the wire (RFC 7591 §2); `client_name` is what the user sees. @public */
export interface McpClientMetadata {
  readonly client_name?: string
  readonly [name: string]: unknown
}

/**
 * What a `TokenManager` takes besides, `store` above all, goes there as it is.
 *
 * @public
 */
export interface McpSessionOptions extends Omit<SessionOptions, 'initialTokens' | 'dpop'> {
  /** The MCP server's endpoint, which the transport is made for. */
  url: string | URL
  /**
   * Logs the user in, where only that helps: `(request) => browserLogin({ ...request, onUrl })`.
   * Requests that come in the meantime wait for the same login.
   *
   * @default nobody is asked: the request fails with LoginRequiredError or StepUpRequiredError
   */
  login?: (request: McpLoginRequest) => Promise<TokenSet>
  /**
   * The client's identifier, where it was registered by hand; with `issuer`.
   *
   * @default see `clientMetadataUrl`
   */
  clientId?: string
  /** The secret of `clientId`. */
  clientSecret?: string
  /**
   * The authorization server that is to be used, of those that the MCP server names.
   *
   * @default the session's own, else the first one named
   */
  issuer?: string
  /**
   * The HTTPS URL of the client's metadata document, which is its identifier at servers that say
   * `client_id_metadata_document_supported`.
   *
   * @default the client is registered dynamically (RFC 7591) at its first login, and again where a
   * session has ended
   */
  clientMetadataUrl?: string
  /** What a dynamic registration says of the client besides what is needed. */
  clientMetadata?: McpClientMetadata
  /** Scopes to ask for besides those that the MCP server asks for, separated by spaces. */
  scope?: string
  /**
   * Where the browser ends: see `browserLogin`. Servers that compare the port as well want one here.
   *
   * @default 'http://127.0.0.1/callback'
   */
  redirectUri?: string | readonly string[]
  /**
   * Sends all requests: a proxy, a test.
   *
   * @default globalThis.fetch, looked up at each request
   */
  fetch?: AnyFetch
}

/** The options that are not the manager's, checked. @internal */
export interface McpConfig {
  readonly url: URL
  readonly login: McpSessionOptions['login']
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly issuer: string | undefined
  readonly clientMetadataUrl: string | undefined
  readonly clientMetadata: McpClientMetadata
  readonly scope: string | undefined
  readonly redirectUri: string | readonly string[]
  readonly fetch: AnyFetch | undefined
}

const OWNER = 'mcpSession'
const NONE: ReadonlySet<string> = new Set()

const aSecureUrl = check(
  'an HTTPS URL, or one of this machine, without a fragment',
  (value) => flawOfUrl(value, NONE) === undefined,
)
const aDocumentUrl = check('an HTTPS URL with a path', (value) => {
  const url = typeof value === 'string' ? parseUrl(value) : undefined
  return url?.protocol === 'https:' && url.pathname !== '/'
})

const CHECKS: Record<keyof McpConfig, Check> = {
  url: check(aSecureUrl.expected, (value) =>
    aSecureUrl.isGood(value instanceof URL ? value.href : value),
  ),
  login: aFunction,
  clientId: aText,
  clientSecret: aText,
  issuer: aSecureUrl,
  clientMetadataUrl: aDocumentUrl,
  clientMetadata: anObject,
  scope: aText,
  redirectUri: oneOrMore(aSecureUrl),
  fetch: aFunction,
}

/**
 * @returns the options of the session, and those of its manager
 * @throws TokenOptionsError
 * @internal
 */
export function readOptions(options: McpSessionOptions): {
  config: McpConfig
  others: Omit<SessionOptions, 'initialTokens' | 'dpop'>
} {
  if (!isObject(options)) throw optionError(OWNER, 'options', 'an object', options)
  assertUnpolluted(OWNER, Object.keys(CHECKS))
  const {
    url,
    login,
    clientId,
    clientSecret,
    issuer,
    clientMetadataUrl,
    clientMetadata = {},
    scope,
    redirectUri = 'http://127.0.0.1/callback',
    fetch,
    ...others
  } = options
  const own = { login, clientId, clientSecret, issuer, clientMetadataUrl, clientMetadata, scope, redirectUri, fetch } // prettier-ignore
  checkValue(OWNER, 'url', url, CHECKS.url)
  for (const [name, value] of Object.entries(own)) {
    if (value !== undefined) checkValue(OWNER, name, value, CHECKS[name as keyof McpConfig])
  }
  // Or a secret would go to whichever server the MCP server names.
  if (clientId !== undefined && issuer === undefined) {
    throw optionError(
      OWNER,
      'issuer',
      'given with `clientId`, since it is known there only',
      issuer,
    )
  }
  if (clientSecret !== undefined && clientId === undefined) {
    throw optionError(OWNER, 'clientId', 'given with `clientSecret`', clientId)
  }
  if ('initialTokens' in others || 'dpop' in others || 'refresh' in others) {
    throw new TokenOptionsError(
      `${OWNER}: \`initialTokens\`, \`dpop\` and \`refresh\` cannot be given: the session begins with a login of its own`,
    )
  }
  return { config: { ...own, url: new URL(url) }, others }
}
