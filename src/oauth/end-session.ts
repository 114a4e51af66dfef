import { aText, checkOptions } from '../checks.js'
import type { ClientConfig } from './client-options.js'
import { requireEndpoint } from './endpoints.js'
import { grantParameters } from './grant-parameters.js'
import { flawOfRedirectUri, type UrlRule } from './secure-url.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'

/** @public */
export interface EndSessionOptions {
  /** The session's ID token: most servers ask the user, unless it is there. */
  idToken?: string
  /** Where the browser comes back to: registered at the server for this. */
  postLogoutRedirectUri?: string
  /** Comes back with it. */
  state?: string
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
  for (const [name, value] of parameters) url.searchParams.append(name, value)
  return url.href
}
