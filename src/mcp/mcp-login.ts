import type { StepUpRequiredError } from '../errors.js'
import { readClientOptions } from '../oauth/client-options.js'
import { createDiscovery } from '../oauth/discovery.js'
import { clientOf, type OAuthClient } from '../oauth/oauth-client.js'
import { createUrlRule, isLoopbackUrl } from '../oauth/secure-url.js'
import type { AuthorizationServerMetadata } from '../oauth/server-metadata.js'
import { createTransport, type OAuthFetch } from '../oauth/transport.js'
import { LoginError, RefreshRejectedError } from '../errors.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { McpConfig, McpLoginRequest } from './options.js'
import { clientAt } from './registration.js'
import { findResource, type Challenge, type ProtectedResource } from './resource-metadata.js'
import { unionOfScopes } from './scope.js'
import { withSessionClient, type SessionClient } from './session-client.js'

/** Why a login is wanted, and what is known already. */
export interface LoginNeed {
  readonly challenge: Challenge
  /** What the MCP server asks for besides other scopes. */
  readonly stepUp?: StepUpRequiredError | undefined
  /** Whom the session's tokens were issued to, if there is a session. */
  readonly previous: SessionClient | undefined
  /** Whether the server does not know that client any more. */
  readonly isClientUnknown: boolean
}

/** Whoever reads the message has no say in it. */
const BY_MCP_SERVER = { toCheck: 'the MCP server names it as its authorization server' }

/** @internal */
export type McpLogin = (need: LoginNeed) => Promise<TokenSet>

/**
 * A whole login: where the MCP server's tokens come from, who the client is there, what to ask for;
 * then the user.
 *
 * @returns the tokens, which say whom they were issued to
 * @internal
 */
export function createLogin(
  config: McpConfig,
  askUser: (request: McpLoginRequest) => Promise<TokenSet>,
): McpLogin {
  const isLoopback = isLoopbackUrl(config.url.href)
  const assertUrl = createUrlRule(undefined, isLoopback, "The server's metadata")
  const transport = createTransport(config.fetch as OAuthFetch | undefined, assertUrl)
  return async ({ challenge, stepUp, previous, isClientUnknown }) => {
    const found = await findResource(config.url, challenge, transport)
    const issuer = chooseIssuer(found, config.issuer, previous?.issuer)
    assertUrl(issuer)
    const server = await createDiscovery(new URL(issuer), transport, assertUrl, BY_MCP_SERVER)()
    const isKept = previous?.issuer === issuer && !isClientUnknown
    const known = await clientAt(server, config, isKept ? previous : undefined, transport)
    const scope = scopeFor(config, found, server, challenge, isKept ? previous : undefined)
    const client: SessionClient = { ...known, issuer, resource: found.resource, scope }
    const tokens = await askUser({
      client: clientFor(client, config.fetch as OAuthFetch | undefined, server),
      redirectUri: config.redirectUri,
      ...(scope !== '' && { scope }),
      ...(found.resource !== undefined && { resource: found.resource }),
      ...(scope.split(' ').includes('offline_access') && { prompt: 'consent' }),
      ...(stepUp && parametersOf(stepUp)),
    })
    return { ...tokens, extra: withSessionClient(tokens.extra, client) }
  }
}

/** @param server - its metadata, where they were just found @internal */
export function clientFor(
  { issuer, clientId, clientSecret, clientAuth }: SessionClient,
  fetch: OAuthFetch | undefined,
  server?: AuthorizationServerMetadata,
): OAuthClient {
  const options = readClientOptions({
    ...(server ? { metadata: server } : { issuer }),
    clientId,
    ...(clientSecret !== undefined && { clientSecret }),
    ...(clientAuth !== undefined && { clientAuth }),
    ...(fetch && { fetch }),
  })
  return clientOf({ ...options, insecureOrigins: undefined }) // who sees a message cannot name any
}

/** RFC 9728 §7.6: which of several is the client's to say. */
function chooseIssuer(
  { issuers }: ProtectedResource,
  wanted: string | undefined,
  previous: string | undefined,
): string {
  if (wanted !== undefined && !issuers.includes(wanted)) {
    throw new LoginError('The MCP server does not name the `issuer` as its authorization server', {
      reason: 'issuer',
    })
  }
  const issuer = wanted ?? issuers.find((each) => each === previous) ?? issuers[0]
  if (URL.canParse(issuer)) return issuer
  throw new RefreshRejectedError(
    "The MCP server's metadata contains no URL of an authorization server",
  )
}

/** MCP, "Scope Selection Strategy": what was refused says most; else all that the server has. */
function scopeFor(
  config: McpConfig,
  { scopesSupported }: ProtectedResource,
  { scopes_supported: atServer }: AuthorizationServerMetadata,
  { scope }: Challenge,
  previous: SessionClient | undefined,
): string {
  const asked = scope ?? (previous ? undefined : scopesSupported)
  // Without it some servers issue no refresh token (OpenID Connect Core §11).
  const isOffline = Array.isArray(atServer) && atServer.includes('offline_access')
  return unionOfScopes(
    previous?.scope,
    asked,
    config.scope,
    isOffline ? 'offline_access' : undefined,
  )
}

function parametersOf({ acrValues, maxAgeSeconds, claims }: StepUpRequiredError) {
  return {
    ...(acrValues.length > 0 && { acrValues }),
    ...(maxAgeSeconds !== undefined && { maxAgeSeconds }),
    ...(claims !== undefined && { parameters: { claims } }),
  }
}
