import { aText, checkOptions } from '../checks.js'
import type { ClientConfig } from './client-options.js'
import { requireEndpoint } from './endpoints.js'
import { grantParameters } from './grant-parameters.js'
import { flawOfRedirectUri, type UrlRule } from './secure-url.js'
import { setParameters } from './provider/request-shape.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'

/** @public */
export interface EndSessionOptions {
  /** The session's ID token. Without it, most servers ask the user to confirm the logout. */
  idToken?: string | undefined
  /** Where the server sends the browser afterwards. It must be registered at the server. */
  postLogoutRedirectUri?: string | undefined
  /** A value that the server adds to the URL when it sends the browser back. */
  state?: string | undefined
}

/** @internal */
export async function endSessionUrl(
  config: ClientConfig,
  discover: () => Promise<AuthorizationServerMetadata>,
  assertUrl: UrlRule,
  options: EndSessionOptions = {},
): Promise<string> {
  checkOptions('endSessionUrl', options, {
    idToken: aText,
    state: aText,
    postLogoutRedirectUri: (value) => flawOfRedirectUri(value, config.insecureOrigins),
  })
  const endpoint = requireEndpoint(await discover(), 'end_session_endpoint')
  assertUrl(endpoint)
  const url = new URL(endpoint)
  const parameters = grantParameters({
    id_token_hint: options.idToken,
    client_id: config.clientId,
    post_logout_redirect_uri: options.postLogoutRedirectUri,
    state: options.state,
  })
  setParameters(url, parameters)
  return url.href
}
