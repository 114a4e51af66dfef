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

/** What a `login` function is called with: the options of a login, as for `browserLogin`. @public */
export interface McpLoginRequest extends Pick<
  AuthorizationRequestOptions,
  'scope' | 'prompt' | 'acrValues' | 'maxAgeSeconds' | 'parameters'
> {
  /** The client, at the authorization server that the MCP server named. */
  client: OAuthClient
  /** The redirect URI with which the client is registered. */
  redirectUri: string | readonly string[]
  /** The MCP server's identifier (RFC 8707 §2), if the server has metadata: pass it on as it is. */
  resource?: string
}

/** Metadata of the client (RFC 7591 §2), such as the `client_name` that the user sees. @public */
export interface McpClientMetadata {
  readonly client_name?: string | undefined
  readonly [name: string]: unknown
}

/**
 * The other options, above all `store`, are those of a `TokenManager`.
 *
 * @public
 */
export interface McpSessionOptions extends Omit<SessionOptions, 'initialTokens' | 'dpop'> {
  /** The endpoint of the MCP server: an HTTPS URL, or one of this machine, without a fragment. */
  url: string | URL
  /**
   * Logs the user in when only that helps: `(request) => browserLogin({ ...request, onUrl })`.
   * Requests that are made in the meantime wait for the same login.
   *
   * @default none: the request fails with LoginRequiredError or StepUpRequiredError
   */
  login?: ((request: McpLoginRequest) => Promise<TokenSet>) | undefined
  /**
   * The client's identifier, if it was registered by hand. It requires `issuer`.
   *
   * @default see `clientMetadataUrl`
   */
  clientId?: string | undefined
  /** The secret of `clientId`. @default none: a public client */
  clientSecret?: string | undefined
  /**
   * Which of the authorization servers that the MCP server names is used.
   *
   * @default the one that issued the session's tokens, otherwise the first one
   */
  issuer?: string | undefined
  /**
   * The HTTPS URL of the client's metadata document, which is the client's identifier at servers that
   * support it (`client_id_metadata_document_supported`).
   *
   * @default the client is registered dynamically (RFC 7591) at its first login, and again after a
   * session has ended
   */
  clientMetadataUrl?: string | undefined
  /** Additional metadata of the client for a dynamic registration. */
  clientMetadata?: McpClientMetadata | undefined
  /**
   * Scopes to request besides those that the MCP server requires, separated by spaces.
   *
   * @default none
   */
  scope?: string | undefined
  /**
   * The redirect URI of the login: see `browserLogin`. Servers that compare the port require one.
   *
   * @default 'http://127.0.0.1/callback'
   */
  redirectUri?: string | readonly string[] | undefined
  /**
   * Sends all requests, for a proxy or a test.
   *
   * @default globalThis.fetch, looked up at each request
   */
  fetch?: AnyFetch | undefined
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

const aSecureUrl = check(
  'an HTTPS URL, or one of this machine, without a fragment',
  (value) => flawOfUrl(value, undefined) === undefined,
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
  const given = others as Partial<Record<'initialTokens' | 'dpop' | 'refresh', unknown>>
  if ([given.initialTokens, given.dpop, given.refresh].some((option) => option !== undefined)) {
    throw new TokenOptionsError(
      `${OWNER}: \`initialTokens\`, \`dpop\` and \`refresh\` cannot be given: the session begins with a login of its own`,
    )
  }
  return { config: { ...own, url: new URL(url) }, others }
}
