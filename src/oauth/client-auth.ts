import { ClientSecretJwt, ClientSecretPost, None, type ClientAuth } from 'oauth4webapi'
import { clientSecretBasic } from './client-secret-basic.js'

/**
 * How the client proves who it is (RFC 6749 §2.3, by the names of RFC 7591 §2 and OpenID Connect
 * Core §9).
 *
 * @public
 */
export type ClientAuthMethod =
  'client_secret_basic' | 'client_secret_post' | 'client_secret_jwt' | 'private_key_jwt' | 'none'

/** What each method needs. @internal */
export const CLIENT_AUTH_METHODS: Readonly<
  Record<ClientAuthMethod, 'clientSecret' | 'clientKey' | undefined>
> = {
  client_secret_basic: 'clientSecret',
  client_secret_post: 'clientSecret',
  client_secret_jwt: 'clientSecret',
  private_key_jwt: 'clientKey',
  none: undefined,
}

const BY_SECRET: Readonly<Partial<Record<ClientAuthMethod, (secret: string) => ClientAuth>>> = {
  client_secret_basic: clientSecretBasic,
  client_secret_post: ClientSecretPost,
  client_secret_jwt: ClientSecretJwt,
}

/** @internal */
export function secretAuthentication(method: ClientAuthMethod, clientSecret: string): ClientAuth {
  return BY_SECRET[method]?.(clientSecret) ?? None()
}

/** @internal */
export function isClientAuthMethod(value: unknown): value is ClientAuthMethod {
  return typeof value === 'string' && Object.hasOwn(CLIENT_AUTH_METHODS, value)
}

/** RFC 6749 §2.3.1: a server must support Basic for clients with a secret, need not the body. */
export function defaultClientAuth(given: {
  clientSecret?: unknown
  clientKey?: unknown
}): ClientAuthMethod {
  if (given.clientKey !== undefined) return 'private_key_jwt'
  return given.clientSecret === undefined ? 'none' : 'client_secret_basic'
}
