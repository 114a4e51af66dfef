import {
  ClientSecretJwt,
  ClientSecretPost,
  None,
  TlsClientAuth,
  type ClientAuth,
} from 'oauth4webapi'
import { clientSecretBasic, rawClientSecretBasic } from './client-secret-basic.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'

/**
 * How the client proves who it is (RFC 6749 §2.3, by the names of RFC 7591 §2, OpenID Connect Core
 * §9 and RFC 8705 §2). One name is ours: `client_secret_basic_raw` is Basic without the encoding of
 * RFC 6749 §2.3.1, for servers that do not decode.
 *
 * @public
 */
export type ClientAuthMethod =
  | 'client_secret_basic'
  | 'client_secret_basic_raw'
  | 'client_secret_post'
  | 'client_secret_jwt'
  | 'private_key_jwt'
  | 'tls_client_auth'
  | 'self_signed_tls_client_auth'
  | 'none'

/** What each method needs. @internal */
export const CLIENT_AUTH_METHODS: Readonly<
  Record<ClientAuthMethod, 'clientSecret' | 'clientKey' | undefined>
> = {
  client_secret_basic: 'clientSecret',
  client_secret_basic_raw: 'clientSecret',
  client_secret_post: 'clientSecret',
  client_secret_jwt: 'clientSecret',
  private_key_jwt: 'clientKey',
  tls_client_auth: undefined,
  self_signed_tls_client_auth: undefined,
  none: undefined,
}

const BY_SECRET: Readonly<Partial<Record<ClientAuthMethod, (secret: string) => ClientAuth>>> = {
  client_secret_basic: clientSecretBasic,
  client_secret_basic_raw: rawClientSecretBasic,
  client_secret_post: ClientSecretPost,
  client_secret_jwt: ClientSecretJwt,
}

/** @internal */
export function secretAuthentication(method: ClientAuthMethod, clientSecret: string): ClientAuth {
  return BY_SECRET[method]?.(clientSecret) ?? None()
}

/** The certificate is the connection's: of the user's `fetch`. @internal */
export function secretlessAuthentication(method: ClientAuthMethod): ClientAuth {
  return isMutualTls(method) ? TlsClientAuth() : None()
}

/** @internal */
export function isMutualTls(method: ClientAuthMethod): boolean {
  return method === 'tls_client_auth' || method === 'self_signed_tls_client_auth'
}

/** @internal */
export function isClientAuthMethod(value: unknown): value is ClientAuthMethod {
  return typeof value === 'string' && Object.hasOwn(CLIENT_AUTH_METHODS, value)
}

interface CredentialKinds {
  readonly hasSecret: boolean
  readonly hasKey: boolean
}

/**
 * What a provider says, if the client has what it takes: the same server has public clients.
 *
 * @internal
 */
export function fittingMethod(
  method: ClientAuthMethod | undefined,
  { hasSecret, hasKey }: CredentialKinds,
): ClientAuthMethod | undefined {
  if (method === undefined) return undefined
  const needed = CLIENT_AUTH_METHODS[method]
  const isThere = needed === 'clientSecret' ? hasSecret : needed === 'clientKey' ? hasKey : true
  return isThere ? method : undefined
}

/** In the order in which they are chosen. */
const SECRET_METHODS = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt'] as const

/**
 * How a client authenticates that does not say how: of what fits its credentials, what the
 * metadata have (RFC 8414 §2), where they say nothing Basic.
 *
 * @internal
 */
export function defaultClientAuth(
  { hasSecret, hasKey }: CredentialKinds,
  server: AuthorizationServerMetadata,
  endpoint: string,
): ClientAuthMethod {
  if (hasKey) return 'private_key_jwt'
  if (!hasSecret) return 'none'
  const said =
    server[`${endpoint}_auth_methods_supported`] ?? server.token_endpoint_auth_methods_supported
  const supported: readonly unknown[] = Array.isArray(said) ? said : []
  return SECRET_METHODS.find((method) => supported.includes(method)) ?? 'client_secret_basic'
}
