import type { ClientAuth } from 'oauth4webapi'
import { TokenOptionsError } from '../errors.js'
import {
  CLIENT_AUTH_METHODS,
  defaultClientAuth,
  isClientAuthMethod,
  type ClientAuthMethod,
} from './client-auth.js'
import { checkOptions, describe, textCheck, type OptionCheck } from './option-checks.js'
import { flawOfUrl, parseUrl } from './secure-url.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'
import type { TokenFetch } from './transport.js'

/**
 * Where the authorization server is: exactly one of three. Each URL is https, or http on loopback
 * (127.0.0.0/8, [::1], localhost) or at an origin of `allowInsecureRequests`; without credentials
 * and fragment.
 *
 * @public
 */
export type AuthorizationServerOptions =
  | {
      /** The issuer's URL: its metadata are discovered, and must name the very same issuer. */
      issuer: string
      tokenEndpoint?: undefined
      metadata?: undefined
    }
  | {
      /** The URL of the token endpoint: nothing is discovered. */
      tokenEndpoint: string
      issuer?: undefined
      metadata?: undefined
    }
  | {
      /** Metadata that you have: nothing is discovered. `issuer` and `token_endpoint` are required. */
      metadata: AuthorizationServerMetadata
      issuer?: undefined
      tokenEndpoint?: undefined
    }

/** @public */
export interface ClientOptions {
  /** The client's identifier at the authorization server. */
  clientId: string
  /**
   * The client's secret.
   *
   * @default none: a public client
   */
  clientSecret?: string
  /**
   * How the client authenticates (RFC 6749 §2.3.1).
   *
   * @default 'client_secret_basic' with a `clientSecret`, else 'none'
   */
  clientAuth?: ClientAuthMethod
  /**
   * Sends the requests: a proxy, mTLS, a test. Must honour `redirect: 'manual'` and `signal`.
   *
   * @default globalThis.fetch, looked up at each request
   */
  fetch?: TokenFetch
  /**
   * Origins that may be spoken to over plain http, such as `http://auth.internal:8080`.
   *
   * @default [] (loopback needs no naming)
   */
  allowInsecureRequests?: readonly string[]
}

/** @public */
export type OAuthClientOptions = AuthorizationServerOptions & ClientOptions

/** The options, checked and ready for use. @internal */
export interface ClientConfig {
  readonly server: { readonly issuer: URL } | { readonly metadata: AuthorizationServerMetadata }
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly clientAuthMethod: ClientAuthMethod
  readonly clientAuth: ClientAuth
  readonly fetch: TokenFetch | undefined
  readonly insecureOrigins: ReadonlySet<string>
}

const OWNER = 'oauthClient'

/**
 * @throws TokenOptionsError naming the option, what is wanted and what was given, never a secret
 * @internal
 */
export function readClientOptions(options: OAuthClientOptions): ClientConfig {
  const insecureOrigins = new Set<string>()
  checkOptions(OWNER, options, {
    allowInsecureRequests: origins,
    clientId: textCheck,
    clientSecret: textCheck,
    clientAuth: authMethod,
    fetch: (value) =>
      typeof value === 'function' ? undefined : `a function wanted, got ${describe(value)}`,
    issuer: textCheck,
    tokenEndpoint: textCheck,
    metadata: (value) =>
      typeof value === 'object' && value !== null
        ? undefined
        : `an object wanted, got ${describe(value)}`,
  })
  if (options.clientId === undefined) throw refused('clientId', 'a string wanted, got undefined')
  for (const origin of options.allowInsecureRequests ?? []) {
    insecureOrigins.add(new URL(origin).origin)
  }
  const method = options.clientAuth ?? defaultClientAuth(options.clientSecret)
  assertSecretFits(method, options.clientSecret)
  return {
    server: readServer(options, insecureOrigins),
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    clientAuthMethod: method,
    clientAuth: CLIENT_AUTH_METHODS[method].create(options.clientSecret ?? ''),
    fetch: options.fetch,
    insecureOrigins,
  }
}

function readServer(
  options: OAuthClientOptions,
  insecureOrigins: ReadonlySet<string>,
): ClientConfig['server'] {
  const { issuer, tokenEndpoint, metadata } = options
  const given = Object.entries({ issuer, tokenEndpoint, metadata })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `\`${name}\``)
  if (given.length !== 1) {
    throw new TokenOptionsError(
      `${OWNER}: exactly one of \`issuer\`, \`tokenEndpoint\` and \`metadata\` wanted, got ${given.join(' and ') || 'none'}`,
    )
  }
  const assertUrl = (name: string, value: unknown) => {
    const flaw = flawOfUrl(value, insecureOrigins)
    if (flaw) throw refused(name, `an https URL wanted, ${flaw}`)
  }
  if (issuer !== undefined) {
    assertUrl('issuer', issuer)
    if (issuer.includes('?')) throw refused('issuer', 'a URL without a query wanted')
    return { issuer: new URL(issuer) }
  }
  if (tokenEndpoint !== undefined) {
    assertUrl('tokenEndpoint', tokenEndpoint)
    // The issuer is not known; nothing is compared with this stand-in.
    return { metadata: Object.freeze({ issuer: tokenEndpoint, token_endpoint: tokenEndpoint }) }
  }
  const flaw = textCheck(metadata.issuer)
  if (flaw) throw refused('metadata.issuer', flaw)
  assertUrl('metadata.token_endpoint', metadata.token_endpoint)
  return { metadata: Object.freeze({ ...metadata }) }
}

function assertSecretFits(method: ClientAuthMethod, clientSecret: string | undefined): void {
  const { needsSecret } = CLIENT_AUTH_METHODS[method]
  if (needsSecret && clientSecret === undefined) {
    throw refused('clientSecret', `a string wanted for \`clientAuth: '${method}'\`, got undefined`)
  }
  if (!needsSecret && clientSecret !== undefined) {
    throw refused('clientAuth', `'${method}' sends no secret, but there is a \`clientSecret\``)
  }
}

/** Registered names that people try; anything else might be a secret in the wrong place. */
const UNSUPPORTED_METHODS = new Set([
  'client_secret_jwt',
  'private_key_jwt',
  'self_signed_tls_client_auth',
  'tls_client_auth',
])

const authMethod: OptionCheck = (value) => {
  if (isClientAuthMethod(value)) return undefined
  const wanted = Object.keys(CLIENT_AUTH_METHODS).join(', ')
  const isKnown = typeof value === 'string' && UNSUPPORTED_METHODS.has(value)
  return `one of ${wanted} wanted, got ${isKnown ? value : describe(value)}`
}

const origins: OptionCheck = (value) => {
  if (!Array.isArray(value)) return `an array of origins wanted, got ${describe(value)}`
  const isEach = value.every((each: unknown) => {
    const url = typeof each === 'string' ? parseUrl(each) : undefined
    return url?.protocol === 'http:' && (each === url.origin || each === `${url.origin}/`)
  })
  return isEach ? undefined : 'origins such as http://auth.internal:8080 wanted, got something else'
}

function refused(name: string, flaw: string): TokenOptionsError {
  return new TokenOptionsError(`${OWNER}: \`${name}\`: ${flaw}`)
}
