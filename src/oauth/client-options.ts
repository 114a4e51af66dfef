import { TokenOptionsError } from '../errors.js'
import {
  CLIENT_AUTH_METHODS,
  defaultClientAuth,
  isClientAuthMethod,
  type ClientAuthMethod,
} from './client-auth.js'
import { flawOfKey, type ClientKey } from './client-key.js'
import { dpopCheck, type DpopOptions } from './dpop.js'
import { createCredentials, type CredentialSource } from './credentials.js'
import { checkOptions, describe, textCheck, type OptionCheck } from './option-checks.js'
import { flawOfRedirectUri, flawOfUrl, parseUrl } from './secure-url.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'
import type { OAuthFetch } from './transport.js'

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
   * The client's secret, or what is asked for it at each request (a secret manager, rotation).
   *
   * @default none: a public client
   */
  clientSecret?: string | (() => string | Promise<string>)
  /**
   * The private key that signs the client's assertions, or what is asked for it at each request:
   * a `CryptoKey`, the same with its `kid`, or a JWK.
   *
   * @default none
   */
  clientKey?: ClientKey | (() => ClientKey | Promise<ClientKey>)
  /**
   * How the client authenticates (RFC 6749 §2.3.1, OpenID Connect Core §9). An assertion is new at
   * each attempt and good for 60 s.
   *
   * @default 'private_key_jwt' with a `clientKey`, 'client_secret_basic' with a `clientSecret`, else 'none'
   */
  clientAuth?: ClientAuthMethod
  /**
   * Where the answer of a login comes, unless the login says otherwise: an absolute URL without a
   * fragment, as registered at the server. Plain http for loopback only.
   */
  redirectUri?: string
  /**
   * Binds the tokens to a key of the session's own (DPoP, RFC 9449), made at each login and kept
   * with them as `dpopKey`: a stolen token is then worth nothing. A session that has a key keeps it
   * whatever is said here.
   *
   * @default false
   */
  dpop?: boolean | DpopOptions
  /**
   * Sends the requests: a proxy, mTLS, a test. Must honour `redirect: 'manual'` and `signal`.
   *
   * @default globalThis.fetch, looked up at each request
   */
  fetch?: OAuthFetch
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
  readonly clientAuthMethod: ClientAuthMethod
  readonly credentials: CredentialSource
  readonly redirectUri: string | undefined
  readonly dpop: boolean | DpopOptions | undefined
  readonly fetch: OAuthFetch | undefined
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
    clientSecret: orFunction(textCheck),
    clientKey: orFunction(flawOfKey),
    redirectUri: (value) => flawOfRedirectUri(value, insecureOrigins),
    clientAuth: authMethod,
    dpop: dpopCheck,
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
  const method = options.clientAuth ?? defaultClientAuth(options)
  assertCredentialsFit(method, options)
  return {
    server: readServer(options, insecureOrigins),
    clientId: options.clientId,
    clientAuthMethod: method,
    credentials: createCredentials(method, options),
    redirectUri: options.redirectUri,
    dpop: options.dpop,
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

function assertCredentialsFit(method: ClientAuthMethod, options: ClientOptions): void {
  const needed = CLIENT_AUTH_METHODS[method]
  const wanted = { clientSecret: 'a string', clientKey: 'a private key' }
  if (needed && options[needed] === undefined) {
    throw refused(needed, `${wanted[needed]} wanted for \`clientAuth: '${method}'\`, got undefined`)
  }
  for (const name of ['clientSecret', 'clientKey'] as const) {
    if (name !== needed && options[name] !== undefined) {
      const what = name === 'clientSecret' ? 'sends no secret' : 'uses no key'
      throw refused('clientAuth', `'${method}' ${what}, but there is a \`${name}\``)
    }
  }
}

function orFunction(check: OptionCheck): OptionCheck {
  return (value) => (typeof value === 'function' ? undefined : check(value))
}

/** Registered names that people try; anything else might be a secret in the wrong place. */
const UNSUPPORTED_METHODS = new Set(['self_signed_tls_client_auth', 'tls_client_auth'])

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
