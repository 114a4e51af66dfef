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
   * For the transport's option `fetch`, without an `authProvider`. It sends the session's token only
   * to the MCP server. If the server rejects the token, it renews the token, or logs in if only that
   * helps, and sends the request again. Requests that the server allows without a token need no login.
   *
   * It rejects with LoginRequiredError or StepUpRequiredError if the user must log in and there is no
   * `login` function, and with the errors of `login`.
   */
  readonly fetch: TokenFetch
  /** The session's manager, for `signOut`, `on` and the other methods. */
  readonly tokens: TokenManager
  /**
   * Logs in now, even if a user is logged in.
   *
   * @param options.scope - additional scopes to request, separated by spaces
   * @throws LoginError and the other errors of `login`
   * @throws RefreshRejectedError, RefreshUnavailableError if the metadata of a server cannot be read,
   * or the client cannot be registered
   * @throws LoginRequiredError if there is no `login` function
   */
  logIn(options?: { scope?: string }): Promise<void>
  /** Waits for a refresh in progress to be saved. Afterwards, every call fails. */
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
    logIn: ({ scope } = {}) => logins.begin({ challenge: { scope, metadataUrl: undefined } }),
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
