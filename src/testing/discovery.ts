import { jsonAnswer } from './answers.js'
import { baseOf, pathOf, type Settings } from './options.js'
import type { ServerState } from './server-state.js'

/**
 * The server's metadata (RFC 8414 §2), what discovery answers.
 *
 * @public
 */
export interface TestServerMetadata {
  issuer: string
  token_endpoint: string
  revocation_endpoint: string
  grant_types_supported: string[]
  token_endpoint_auth_methods_supported: string[]
  revocation_endpoint_auth_methods_supported: string[]
  response_types_supported: string[]
}

const ANY_AUTH = ['client_secret_basic', 'client_secret_post', 'none']

export function metadataOf(settings: Settings, issuer: string): TestServerMetadata {
  const authMethods = [...(settings.client?.auth ?? ANY_AUTH)]
  return {
    issuer,
    token_endpoint: `${baseOf(issuer)}/token`,
    revocation_endpoint: `${baseOf(issuer)}/revoke`,
    grant_types_supported: ['refresh_token', 'client_credentials'],
    token_endpoint_auth_methods_supported: authMethods,
    revocation_endpoint_auth_methods_supported: authMethods,
    response_types_supported: [],
  }
}

export function answerDiscovery({ settings, issuer }: ServerState, request: Request): Response {
  if (request.method === 'GET')
    return jsonAnswer(settings, 200, { ...metadataOf(settings, issuer) })
  return jsonAnswer(settings, 405, { error: 'invalid_request' }, { allow: 'GET' })
}

/** Under the issuer (OpenID Connect Discovery §4.1) and before its path (RFC 8414 §3.1). */
export function isDiscoveryPath(issuer: string, path: string): boolean {
  const base = pathOf(baseOf(issuer))
  return (
    path === `${base}/.well-known/openid-configuration` ||
    path === `${base}/.well-known/oauth-authorization-server` ||
    path === `/.well-known/oauth-authorization-server${base}`
  )
}
