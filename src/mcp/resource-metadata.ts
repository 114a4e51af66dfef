import { isTokenError, RefreshRejectedError, RefreshUnavailableError } from '../errors.js'
import { parseChallenges } from '../http/challenge.js'
import { isPassing } from '../http/token-answer.js'
import { connectionError } from '../oauth/connection-error.js'
import { parseObject } from '../http/token-body.js'
import { parseUrl, showUrl } from '../oauth/secure-url.js'
import { isSuccess, type Transport } from '../oauth/transport.js'
import { withDeadline } from '../wait.js'

/** What the MCP server says of itself (RFC 9728 §2), as far as it is used. */
export interface ProtectedResource {
  /** Its identifier, letter for letter; `undefined` if it has no metadata. */
  readonly resource: string | undefined
  /** The authorization servers that it takes tokens of: one at least. */
  readonly issuers: readonly [string, ...string[]]
  readonly scopesSupported: string | undefined
}

/** What a refusal said (RFC 9728 §5.1, RFC 6750 §3). */
export interface Challenge {
  readonly metadataUrl?: string | undefined
  readonly scope?: string | undefined
}

/** All documents together. */
const TIMEOUT_MS = 5_000
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** @internal */
export function challengeIn(refused: Response | undefined): Challenge {
  const challenges = parseChallenges(refused?.headers.get('www-authenticate'))
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  return {
    metadataUrl: bearer?.params.get('resource_metadata'),
    scope: bearer?.params.get('scope'),
  }
}

/**
 * Where the MCP server's tokens come from: by its metadata, which the refusal may name; a server
 * without any is its own authorization server (MCP of 2025-03-26).
 *
 * @throws RefreshUnavailableError if the server cannot be reached or is in trouble
 * @throws RefreshRejectedError if the metadata are of another server, or their URL is not secure
 * @internal
 */
export function findResource(
  server: URL,
  { metadataUrl }: Challenge,
  transport: Transport,
): Promise<ProtectedResource> {
  const find = async (signal: AbortSignal) => {
    for (const url of metadataUrl === undefined ? wellKnownUrls(server) : [metadataUrl]) {
      const metadata = await ask(url, transport, signal)
      if (metadata) return readResource(server, url, metadata)
    }
    return { resource: undefined, issuers: [server.origin] as const, scopesSupported: undefined }
  }
  return withDeadline(find, TIMEOUT_MS, () => unavailable(showUrl(server), 'took too long'))
}

/** RFC 9728 §3.1: between host and path; many servers have it at the root only. */
function wellKnownUrls({ origin, pathname, search }: URL): string[] {
  const path = pathname.replace(/\/$/, '')
  return [...new Set([`${origin}${WELL_KNOWN}${path}${search}`, `${origin}${WELL_KNOWN}`])]
}

async function ask(
  url: string,
  transport: Transport,
  signal: AbortSignal,
): Promise<Record<string, unknown> | undefined> {
  const parsed = parseUrl(url)
  if (!parsed) throw refused('its URL cannot be read')
  try {
    const request = { method: 'GET', headers: { accept: 'application/json' } }
    const response = await transport(parsed.href, request, signal)
    const body = await response.text()
    if (isPassing(response.status))
      throw unavailable(showUrl(parsed), `got HTTP ${response.status}`)
    return isSuccess(response) ? parseObject(body) : undefined
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    throw connectionError(`The MCP server's metadata: ${showUrl(parsed)}`, cause, {
      cause,
      outcome: 'not-sent',
    })
  }
}

/** RFC 9728 §3.3: else a server could have a token asked for that belongs to another. */
function readResource(
  server: URL,
  url: string,
  metadata: Record<string, unknown>,
): ProtectedResource {
  const { resource, authorization_servers: issuers, scopes_supported: scopes } = metadata
  if (typeof resource !== 'string' || !isOf(server, resource)) {
    throw refused(`those at ${showUrl(new URL(url))} are of another server`)
  }
  const named = Array.isArray(issuers) ? issuers.filter((issuer) => typeof issuer === 'string') : []
  const [first = server.origin, ...others] = named
  return {
    resource,
    issuers: [first, ...others],
    scopesSupported: scopesIn(scopes),
  }
}

/** More than this is no list that anyone means to ask for, and its URL could not be opened. */
const LONGEST_SCOPE = 4_096
/** RFC 6749 §3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

function scopesIn(scopes: unknown): string | undefined {
  if (!Array.isArray(scopes)) return undefined
  const isScope = (scope: unknown) => typeof scope === 'string' && SCOPE.test(scope)
  const scope = scopes.filter(isScope).join(' ')
  return scope.length > LONGEST_SCOPE ? undefined : scope
}

/** The server's own URL, or what it stands below; it goes to the authorization server as it is. */
function isOf(server: URL, resource: string): boolean {
  const url = parseUrl(resource)
  if (url?.origin !== server.origin || url.username || url.password) return false
  if (/[#\s]/.test(resource)) return false
  const withSlash = (path: string) => (path.endsWith('/') ? path : `${path}/`)
  return withSlash(server.pathname).startsWith(withSlash(url.pathname))
}

function refused(why: string): RefreshRejectedError {
  return new RefreshRejectedError(`The MCP server's metadata cannot be used: ${why}`)
}

function unavailable(where: string, what: string): RefreshUnavailableError {
  return new RefreshUnavailableError(`The MCP server's metadata (${where}) ${what}`, {
    outcome: 'not-sent',
  })
}
