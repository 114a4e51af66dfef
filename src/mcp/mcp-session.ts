import { RefreshRejectedError } from '../errors.js'
import { createFetch, type TokenFetch } from '../http/fetch.js'
import { hideFromInspect } from '../inspect.js'
import type { OAuthClient } from '../oauth/oauth-client.js'
import type { OAuthFetch } from '../oauth/transport.js'
import { TokenManager } from '../token-manager.js'
import type { TokenSet } from '../tokens/token-set.js'
import { SessionLogins } from './session-logins.js'
import { clientFor, createLogin } from './mcp-login.js'
import { readOptions, type McpSessionOptions } from './options.js'
import { sessionClientOf } from './session-client.js'
import { createSessionFetch } from './session-fetch.js'

/** A user's session at one MCP server. @public */
export interface McpSession {
  /** The MCP server's endpoint, for the transport. */
  readonly url: URL
  /**
   * For the transport's option `fetch`, without an `authProvider`. Sends the session's token to the
   * MCP server alone, renews one that it refuses, logs in where only that helps, and sends the
   * request again. What the server gives to everyone needs no login.
   *
   * It rejects with LoginRequiredError or StepUpRequiredError where the user is needed and there is
   * no `login`, and as `login` does.
   */
  readonly fetch: TokenFetch
  /** The session's tokens, for `signOut`, `on` and all else. */
  readonly tokens: TokenManager
  /**
   * Logs in now, whoever is logged in.
   *
   * @param options.scope - to ask for besides
   * @throws LoginError and others as `login` does
   * @throws RefreshRejectedError, RefreshUnavailableError where the servers' metadata cannot be had
   * or the client is not registered
   * @throws LoginRequiredError if there is no `login`
   */
  logIn(options?: { scope?: string }): Promise<void>
  /** Waits for a refresh under way to be saved; afterwards every call is refused. */
  close(): Promise<void>
}

/**
 * A session at an MCP server, for the client transports of the official SDK.
 *
 * @example
 * const session = mcpSession({
 *   url: 'https://mcp.example.com/mcp',
 *   store: localStore({ app: 'my-cli' }),
 *   clientMetadata: { client_name: 'my-cli' },
 *   login: (request) => browserLogin({ ...request, onUrl: (url) => console.error(url) }),
 * })
 * const transport = new StreamableHTTPClientTransport(session.url, { fetch: session.fetch })
 *
 * @throws TokenOptionsError if an option is bad
 * @public
 */
export function mcpSession(options: McpSessionOptions): McpSession {
  const { config, others } = readOptions(options)
  const clientOf = sessionClients(config.fetch as OAuthFetch | undefined)
  const tokens = new TokenManager({
    revoke: (context) => clientOf(context.tokens).revoke()(context),
    ...others,
    refresh: async (context) => {
      const resource = sessionClientOf(context.tokens.extra)?.resource
      return clientOf(context.tokens).refreshToken(resource === undefined ? {} : { resource })(
        context,
      )
    },
  })
  const authorized = createFetch(tokens, {
    origins: [config.url.origin],
    ...(config.fetch && { fetch: config.fetch }),
  })
  const login = config.login && createLogin(config, config.login)
  const logins = new SessionLogins(tokens, others.store, login)
  const session: McpSession = {
    url: config.url,
    fetch: createSessionFetch(config.url.origin, authorized, logins),
    tokens,
    logIn: ({ scope } = {}) => logins.begin({ challenge: { scope } }),
    close: () => tokens.close(),
  }
  return hideFromInspect(session, () => `McpSession { url: ${config.url.origin} }`)
}

/** The client that tokens were issued to: one object for as long as it is the same. */
function sessionClients(fetch: OAuthFetch | undefined): (tokens: TokenSet) => OAuthClient {
  let last: { key: string; client: OAuthClient } | undefined
  return ({ extra }) => {
    const known = sessionClientOf(extra)
    if (!known) {
      throw new RefreshRejectedError(
        'The stored tokens do not say which client they were issued to: they were not stored by an `mcpSession`',
      )
    }
    const key = JSON.stringify([known.issuer, known.clientId, known.clientSecret])
    if (last?.key !== key) last = { key, client: clientFor(known, fetch) }
    return last.client
  }
}
