import { checkOptions } from '../../checks.js'
import { withSigner } from '../dpop.js'
import type { AcquireGrant, AcquireGrantContext, TargetOptions } from '../grant.js'
import { grantParameters, TARGET_CHECKS } from '../grant-parameters.js'
import type { TokenRequester } from '../token-request.js'

/** @public */
export type ClientCredentialsOptions = TargetOptions

/** @internal */
export function clientCredentialsGrant(
  requestTokens: TokenRequester,
  options: ClientCredentialsOptions = {},
): AcquireGrant {
  checkOptions('clientCredentials', options, TARGET_CHECKS)
  const { scope, resource, audience } = options
  return withSigner(requestTokens, async ({ tokens, claims, signal }: AcquireGrantContext) => {
    const parameters = grantParameters({ scope, resource, audience, claims })
    return requestTokens(
      {
        grantType: 'client_credentials',
        parameters,
        spendsRefreshToken: false,
        dpopKey: tokens?.dpopKey,
      },
      signal,
    )
  })
}
