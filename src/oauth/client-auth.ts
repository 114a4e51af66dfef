import { ClientSecretBasic, ClientSecretPost, None, type ClientAuth } from 'oauth4webapi'

/**
 * How the client proves who it is (RFC 6749 §2.3, by the names of RFC 7591 §2).
 *
 * @public
 */
export type ClientAuthMethod = 'client_secret_basic' | 'client_secret_post' | 'none'

interface Method {
  readonly needsSecret: boolean
  readonly create: (clientSecret: string) => ClientAuth
}

/** @internal */
export const CLIENT_AUTH_METHODS: Readonly<Record<ClientAuthMethod, Method>> = {
  client_secret_basic: { needsSecret: true, create: ClientSecretBasic },
  client_secret_post: { needsSecret: true, create: ClientSecretPost },
  none: { needsSecret: false, create: () => None() },
}

/** @internal */
export function isClientAuthMethod(value: unknown): value is ClientAuthMethod {
  return typeof value === 'string' && Object.hasOwn(CLIENT_AUTH_METHODS, value)
}

/** RFC 6749 §2.3.1: a server must support Basic for clients with a secret, need not the body. */
export function defaultClientAuth(clientSecret: string | undefined): ClientAuthMethod {
  return clientSecret === undefined ? 'none' : 'client_secret_basic'
}
