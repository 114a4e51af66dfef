import { TokenOptionsError } from '../../errors.js'
import type { RefreshGrant } from '../grant.js'
import { grantParameters, scopeCheck } from '../grant-parameters.js'
import { checkOptions, textCheck } from '../option-checks.js'
import type { TokenRequester } from '../token-request.js'

/** @public */
export interface RefreshTokenOptions {
  /**
   * Scopes to ask for, separated by spaces; no more than the login was given (RFC 6749 §6).
   *
   * @default what the login was given
   */
  scope?: string
}

/** @internal */
export function refreshTokenGrant(
  requestTokens: TokenRequester,
  options: RefreshTokenOptions = {},
): RefreshGrant {
  checkOptions('refreshToken', options, { scope: scopeCheck })
  const { scope } = options
  return async ({ refreshToken, resource, scope: scopeOfTarget, signal }) => {
    const flaw = textCheck(refreshToken)
    if (flaw) throw new TokenOptionsError(`refreshToken: \`refreshToken\`: ${flaw}`)
    const parameters = grantParameters({
      refresh_token: refreshToken,
      resource,
      scope: scopeOfTarget ?? scope,
    })
    return requestTokens(
      { grantType: 'refresh_token', parameters, spendsRefreshToken: true },
      signal,
    )
  }
}
