import { jsonAnswer } from './answers.js'
import { sendsIssuer } from './authorization-endpoint.js'
import { DEVICE_CODE_GRANT } from './device-code-grant.js'
import { ID_TOKEN_ALG } from './id-token.js'
import { baseOf, pathOf } from './issuer.js'
import type { ServerState } from './server-state.js'

/**
 * The server's metadata (RFC 8414 §2): the response of discovery.
 *
 * @public
 */
export interface TestServerMetadata {
  issuer: string
  authorization_endpoint: string
  token_endpoint: string
  revocation_endpoint: string
  pushed_authorization_request_endpoint: string
  require_pushed_authorization_requests: boolean
  device_authorization_endpoint: string
  jwks_uri: string
  /** The protected resource, which says `sub`: libraries for logins want one (Auth.js). */
  userinfo_endpoint: string
  grant_types_supported: string[]
  token_endpoint_auth_methods_supported: string[]
  revocation_endpoint_auth_methods_supported: string[]
  response_types_supported: string[]
  response_modes_supported: string[]
  code_challenge_methods_supported: string[]
  authorization_response_iss_parameter_supported: boolean
  subject_types_supported: string[]
  id_token_signing_alg_values_supported: string[]
}

const ANY_AUTH = ['client_secret_basic', 'client_secret_post', 'none']

export function metadataOf(state: ServerState): TestServerMetadata {
  const { settings, issuer, paths } = state
  const authMethods = [...(settings.client?.auth ?? ANY_AUTH)]
  const base = baseOf(issuer)
  return {
    issuer,
    authorization_endpoint: base + paths.authorization,
    token_endpoint: base + paths.token,
    revocation_endpoint: base + paths.revocation,
    pushed_authorization_request_endpoint: base + paths.pushedAuthorization,
    require_pushed_authorization_requests: settings.requirePushedRequests,
    device_authorization_endpoint: base + paths.deviceAuthorization,
    jwks_uri: base + paths.jwks,
    userinfo_endpoint: `${base}/api/userinfo`,
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      DEVICE_CODE_GRANT,
    ],
    token_endpoint_auth_methods_supported: authMethods,
    revocation_endpoint_auth_methods_supported: authMethods,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'form_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: sendsIssuer(state),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [ID_TOKEN_ALG],
  }
}

/** What clients read about the server: by GET alone. */
export function answerDocument(
  { settings }: ServerState,
  request: Request,
  document: object,
): Response {
  if (request.method === 'GET') return jsonAnswer(settings, 200, { ...document })
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
