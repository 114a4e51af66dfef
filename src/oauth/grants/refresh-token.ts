import { aText, checkOptions, checkValue } from '../../checks.js'
import { withSigner } from '../dpop.js'
import type { RefreshGrant, RefreshGrantContext, TargetOptions } from '../grant.js'
import { grantParameters, TARGET_CHECKS } from '../grant-parameters.js'
import type { Provider } from '../provider.js'
import { sessionVariables } from '../provider/variables.js'
import type { TokenRequester } from '../token-request.js'

/**
 * What to ask for; no more than the login was given (RFC 6749 §6).
 *
 * @default what the login was given
 * @public
 */
export type RefreshTokenOptions = TargetOptions

const OWNER = 'refreshToken'

/** @internal */
export function refreshTokenGrant(
  requestTokens: TokenRequester,
  options: RefreshTokenOptions = {},
  provider?: Provider,
): RefreshGrant {
  checkOptions(OWNER, options, TARGET_CHECKS)
  const { scope, resource, audience } = options
  return withSigner(
    requestTokens,
    async ({ refreshToken, tokens, signal, ...asked }: RefreshGrantContext) => {
      checkValue(OWNER, 'refreshToken', refreshToken, aText)
      const target = { scope: asked.scope, resource: asked.resource }
      checkOptions(OWNER, target, TARGET_CHECKS)
      const parameters = grantParameters({
        refresh_token: refreshToken,
        scope: target.scope ?? scope,
        resource: target.resource ?? resource,
        audience,
        claims: asked.claims,
      })
      return requestTokens(
        {
          grantType: 'refresh_token',
          parameters,
          spendsRefreshToken: true,
          variables: sessionVariables(tokens?.extra, provider?.variables ?? {}),
          dpopKey: tokens?.dpopKey,
        },
        signal,
      )
    },
  )
}
