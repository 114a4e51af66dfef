import type { AcquireGrant } from '../grant.js'
import { grantParameters, resourceCheck, audienceCheck, scopeCheck } from '../grant-parameters.js'
import { checkOptions } from '../option-checks.js'
import type { TokenRequester } from '../token-request.js'

/** @public */
export interface ClientCredentialsOptions {
  /**
   * Scopes to ask for, separated by spaces (RFC 6749 §3.3).
   *
   * @default the server's choice
   */
  scope?: string
  /** The API's identifier, an absolute URI without a fragment; or several (RFC 8707 §2). */
  resource?: string | readonly string[]
  /** The API's identifier, or several, for servers that name it so (Auth0; RFC 8693 §2.1). */
  audience?: string | readonly string[]
}

/** @internal */
export function clientCredentialsGrant(
  requestTokens: TokenRequester,
  options: ClientCredentialsOptions = {},
): AcquireGrant {
  checkOptions('clientCredentials', options, {
    scope: scopeCheck,
    resource: resourceCheck,
    audience: audienceCheck,
  })
  const { scope, resource, audience } = options
  return async ({ signal }) => {
    const parameters = grantParameters({ scope, resource, audience })
    return requestTokens(
      { grantType: 'client_credentials', parameters, spendsRefreshToken: false },
      signal,
    )
  }
}
