import {
  aFunction,
  anObject,
  assertUnpolluted,
  aText,
  badOption,
  check,
  checkOptions,
  checkValue,
  flawOf,
  type Check,
  type FlawOf,
} from '../checks.js'
import {
  CLIENT_AUTH_METHODS,
  fittingMethod,
  isClientAuthMethod,
  type ClientAuthMethod,
} from './client-auth.js'
import { flawOfKey, type ClientKey } from './client-key.js'
import { flawOfDpop, type DpopOptions } from './dpop.js'
import { createCredentials, type CredentialSource } from './credentials.js'
import type { Provider } from './provider.js'
import { flawOfProvider } from './provider/provider-check.js'
import { own } from './provider/own.js'
import { checkedVariables, type Variables } from './provider/variables.js'
import { flawOfRedirectUri, parseUrl } from './secure-url.js'
import { readServer, type AuthorizationServerOptions, type ServerConfig } from './server-options.js'
import type { OAuthFetch } from './transport.js'

/** @public */
export interface ClientOptions {
  /** The client's identifier at the authorization server. */
  clientId: string
  /**
   * The client's secret, or a function that returns it and is called for each request.
   *
   * @default none: a public client
   */
  clientSecret?: string | (() => string | Promise<string>) | undefined
  /**
   * The private key that signs the client's assertions, or a function that returns it and is called
   * for each request. The key is a `CryptoKey`, the same with its `kid`, or a JWK.
   *
   * @default none
   */
  clientKey?: ClientKey | (() => ClientKey | Promise<ClientKey>) | undefined
  /**
   * A function that returns the client's assertion (RFC 7523 §2.2), if it is made elsewhere: by a key
   * management service, or by the workload identity of a platform. It is called for each request.
   *
   * @default none
   */
  clientAssertion?: (() => string | Promise<string>) | undefined
  /**
   * How the client authenticates (RFC 6749 §2.3.1, OpenID Connect Core §9, RFC 8705 §2). An
   * assertion is new at each attempt and good for 60 s. For `tls_client_auth` your `fetch` brings
   * the certificate, and requests go to the metadata's `mtls_endpoint_aliases`, where there are any.
   *
   * @default what the `provider` says; 'private_key_jwt' with a `clientKey` or `clientAssertion`;
   * with a `clientSecret` the first of 'client_secret_basic', 'client_secret_post' and
   * 'client_secret_jwt' that the metadata have, 'client_secret_basic' if they say nothing; else
   * 'none'
   */
  clientAuth?: ClientAuthMethod | undefined
  /** The values of the placeholders of a `provider`, such as `shop`. */
  variables?: Readonly<Record<string, string>> | undefined
  /**
   * Where the server sends the response of a login: an absolute URL without a fragment, as registered
   * at the server. Plain HTTP is allowed only on loopback. A login can name another one.
   */
  redirectUri?: string | undefined
  /**
   * Binds the tokens to a key (DPoP, RFC 9449), so that a stolen token cannot be used. The key is made
   * at each login and stored with the tokens as `dpopKey`. A session that has a key keeps it, whatever
   * this option says.
   *
   * @default false
   */
  dpop?: boolean | DpopOptions | undefined
  /**
   * Sends the requests, for a proxy, mutual TLS or a test. It must support `redirect: 'manual'` and
   * `signal`.
   *
   * @default globalThis.fetch, looked up at each request
   */
  fetch?: OAuthFetch | undefined
  /**
   * Origins to which requests may be sent over plain HTTP, such as `http://auth.internal:8080`.
   * Loopback is always allowed.
   *
   * @default []
   */
  allowInsecureRequests?: readonly string[] | undefined
}

/** @public */
export type OAuthClientOptions = AuthorizationServerOptions & ClientOptions

/** The options, checked and ready for use. @internal */
export interface ClientConfig extends ServerConfig {
  readonly provider: Provider | undefined
  readonly variables: Variables
  readonly clientId: string
  /** `undefined`: by the metadata. */
  readonly clientAuthMethod: ClientAuthMethod | undefined
  readonly hasSecret: boolean
  readonly hasKey: boolean
  readonly credentials: CredentialSource
  readonly redirectUri: string | undefined
  readonly dpop: boolean | DpopOptions | undefined
  readonly fetch: OAuthFetch | undefined
  /** `undefined`: whoever uses the client has not made it, and has none of these options. */
  readonly insecureOrigins: ReadonlySet<string> | undefined
}

const OWNER = 'oauthClient'

/**
 * @throws TokenOptionsError naming the option, what is wanted and what was given, never a secret
 * @internal
 */
export function readClientOptions(options: OAuthClientOptions): ClientConfig {
  assertUnpolluted(OWNER, dataOnAllObjects())
  const insecureOrigins = new Set<string>()
  checkOptions(OWNER, options, {
    allowInsecureRequests: origins,
    clientId: aText,
    clientSecret: orFunction(aText),
    clientKey: orFunction(flawOfKey),
    clientAssertion: aFunction,
    redirectUri: (value) => flawOfRedirectUri(value, insecureOrigins),
    clientAuth: aMethod,
    dpop: flawOfDpop,
    fetch: aFunction,
    issuer: aText,
    tokenEndpoint: aText,
    metadata: anObject,
    provider: flawOfProvider,
    variables: anObject,
  })
  checkValue(OWNER, 'clientId', options.clientId, aText)
  for (const origin of options.allowInsecureRequests ?? []) {
    insecureOrigins.add(new URL(origin).origin)
  }
  const provider = options.provider && own(options.provider)
  const hasSecret = options.clientSecret !== undefined
  const hasKey = (options.clientKey ?? options.clientAssertion) !== undefined
  const method = options.clientAuth ?? fittingMethod(provider?.clientAuth, { hasSecret, hasKey })
  assertCredentialsFit(method, options)
  const variables = checkedVariables(options.variables ?? {}, provider?.variables ?? {})
  return {
    ...readServer({ ...options, provider }, variables, insecureOrigins),
    provider,
    variables,
    clientId: options.clientId,
    clientAuthMethod: method,
    hasSecret,
    hasKey,
    credentials: createCredentials(options),
    redirectUri: options.redirectUri,
    dpop: options.dpop,
    fetch: options.fetch,
    insecureOrigins,
  }
}

/**
 * A member of metadata or of a preset's options is read as an option is. A careless merge puts data
 * on all objects; functions are what some old libraries add.
 */
function dataOnAllObjects(): string[] {
  const entries = Object.entries(Object.prototype as object)
  return entries.filter(([, value]) => typeof value !== 'function').map(([name]) => name)
}

function assertCredentialsFit(method: ClientAuthMethod | undefined, options: ClientOptions): void {
  const { clientSecret, clientKey, clientAssertion } = options
  if (clientKey !== undefined && clientAssertion !== undefined) {
    throw badOption(OWNER, 'clientAssertion', 'and `clientKey` must not both be given')
  }
  const given = { clientSecret, clientKey: clientKey ?? clientAssertion }
  const needed = method ? CLIENT_AUTH_METHODS[method] : given.clientKey && 'clientKey'
  const kinds = { clientSecret: 'a string', clientKey: 'a private key' }
  if (needed && given[needed] === undefined) {
    const flaw = `must be ${kinds[needed]} for \`clientAuth: '${method}'\`, got undefined`
    throw badOption(OWNER, needed, flaw)
  }
  if (!method && !needed) return
  for (const name of ['clientSecret', 'clientKey'] as const) {
    if (name !== needed && given[name] !== undefined) {
      const what = name === 'clientSecret' ? 'sends no secret' : 'uses no key'
      const shown = method ?? 'private_key_jwt'
      throw badOption(
        OWNER,
        'clientAuth',
        `is '${shown}', which ${what}, but there is a \`${name}\``,
      )
    }
  }
}

function orFunction(check: Check): FlawOf {
  return (value) => (typeof value === 'function' ? undefined : flawOf(check, value))
}

const aMethod = check(`one of ${Object.keys(CLIENT_AUTH_METHODS).join(', ')}`, isClientAuthMethod)

const origins = check('an array of origins such as http://auth.internal:8080', (value) => {
  return Array.isArray(value) && value.every(isInsecureOrigin)
})

function isInsecureOrigin(value: unknown): boolean {
  const url = typeof value === 'string' ? parseUrl(value) : undefined
  return url?.protocol === 'http:' && (value === url.origin || value === `${url.origin}/`)
}
