import { aText, badOption, checkValue } from '../checks.js'
import { TokenOptionsError } from '../errors.js'
import type { Provider } from './provider.js'
import { fillKnown, sampleOf, type Variables } from './provider/variables.js'
import { flawOfUrl, isLoopbackUrl } from './secure-url.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'

/**
 * Where the authorization server is: exactly one of these four. Each URL must be HTTPS, or HTTP on
 * loopback (127.0.0.0/8, [::1], localhost) or at an origin of `allowInsecureRequests`, without
 * credentials and fragment. The URLs in a server's metadata may be on loopback only if the server
 * itself is.
 *
 * @public
 */
export type AuthorizationServerOptions =
  | (Others<'issuer'> & {
      /**
       * The issuer's URL: its metadata are discovered, and must name the very same issuer (of
       * Entra's `common` and `organizations`: the template that they have).
       */
      issuer: string
    })
  | (Others<'tokenEndpoint'> & {
      /** The URL of the token endpoint: nothing is discovered. */
      tokenEndpoint: string
    })
  | (Others<'metadata'> & {
      /** Metadata that you have: nothing is discovered. `issuer` and `token_endpoint` are required. */
      metadata: AuthorizationServerMetadata
    })
  | (Others<'provider'> & {
      /** How this server differs from RFC 6749: see `tokenward/providers`. */
      provider: Provider
    })

type Others<Name> = Partial<
  Record<Exclude<'issuer' | 'tokenEndpoint' | 'metadata' | 'provider', Name>, undefined>
>

/** @internal */
export interface ServerConfig {
  readonly server: { readonly issuer: URL } | { readonly metadata: AuthorizationServerMetadata }
  /** In place of what the metadata say. */
  readonly endpoints: Readonly<Record<string, string>>
  /** Whether plain HTTP to this machine is as good as TLS: the server itself is here. */
  readonly isLoopback: boolean
}

const OWNER = 'oauthClient'

/** @throws TokenOptionsError @internal */
export function readServer(
  options: Partial<Record<'issuer' | 'tokenEndpoint', string>> & {
    metadata?: AuthorizationServerMetadata | undefined
    provider?: Provider | undefined
  },
  variables: Variables,
  insecureOrigins: ReadonlySet<string>,
): ServerConfig {
  const { issuer, tokenEndpoint, metadata, provider } = options
  const given = Object.entries({ issuer, tokenEndpoint, metadata, provider })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `\`${name}\``)
  if (given.length !== 1) {
    throw new TokenOptionsError(
      `${OWNER}: exactly one of \`issuer\`, \`tokenEndpoint\`, \`metadata\` and \`provider\` must be given, got ${given.join(' and ') || 'none'}`,
    )
  }
  const assertUrl = (name: string, value: unknown) => {
    const flaw = flawOfUrl(value, insecureOrigins)
    if (flaw) throw badOption(OWNER, name, `must be an HTTPS URL, ${flaw}`)
  }
  if (provider) return readProvider(provider, variables, assertUrl)
  if (issuer !== undefined) return byIssuer('issuer', issuer, assertUrl)
  if (tokenEndpoint !== undefined) {
    assertUrl('tokenEndpoint', tokenEndpoint)
    // The issuer is not known; nothing is compared with this stand-in.
    return byMetadata({ issuer: tokenEndpoint, token_endpoint: tokenEndpoint })
  }
  checkValue(OWNER, 'metadata.issuer', metadata!.issuer, aText)
  assertUrl('metadata.token_endpoint', metadata!.token_endpoint)
  return byMetadata({ ...metadata! })
}

function readProvider(
  provider: Provider,
  variables: Variables,
  assertUrl: (name: string, value: unknown) => void,
): ServerConfig {
  const endpoints: Record<string, string> = {}
  for (const [name, template] of Object.entries<string | undefined>({ ...provider.endpoints })) {
    if (template === undefined) continue
    const sample = sampleOf(template)
    if (sample !== undefined) assertUrl(`provider.endpoints.${name}`, sample)
    endpoints[METADATA_NAMES[name as keyof typeof METADATA_NAMES]] = fillKnown(template, variables)
  }
  if (provider.issuer !== undefined) {
    const issuer = fillKnown(provider.issuer, variables)
    return { ...byIssuer('provider.issuer', issuer, assertUrl), endpoints }
  }
  const { token_endpoint: tokenEndpoint } = endpoints
  if (tokenEndpoint === undefined) {
    throw badOption(OWNER, 'provider', 'must have an `issuer` or `endpoints.token`')
  }
  return {
    ...byMetadata({ issuer: tokenEndpoint, ...provider.metadata, ...endpoints }),
    isLoopback: isLoopbackUrl(sampleOf(tokenEndpoint) ?? ''),
  }
}

/** By the names of RFC 8414 §2 and OpenID Connect. */
const METADATA_NAMES = {
  authorization: 'authorization_endpoint',
  token: 'token_endpoint',
  deviceAuthorization: 'device_authorization_endpoint',
  revocation: 'revocation_endpoint',
  endSession: 'end_session_endpoint',
  jwks: 'jwks_uri',
} as const

function byIssuer(
  name: string,
  issuer: string,
  assertUrl: (name: string, value: unknown) => void,
): ServerConfig {
  assertUrl(name, issuer)
  if (issuer.includes('?')) throw badOption(OWNER, name, 'must be a URL without a query')
  const url = new URL(issuer)
  return { server: { issuer: url }, endpoints: {}, isLoopback: isLoopbackUrl(issuer) }
}

function byMetadata(metadata: AuthorizationServerMetadata): ServerConfig {
  const isLoopback = isLoopbackUrl(metadata.token_endpoint!) || isLoopbackUrl(metadata.issuer)
  return { server: { metadata: Object.freeze(metadata) }, endpoints: {}, isLoopback }
}
