import { aText, checkOptions, checkValue } from '../../checks.js'
import { isTokenError, RefreshUnavailableError, TokenOptionsError } from '../../errors.js'
import { withSigner } from '../dpop.js'
import type { AcquireGrant, AcquireGrantContext, TargetOptions } from '../grant.js'
import { grantParameters, flawOfParameters, TARGET_CHECKS } from '../grant-parameters.js'
import type { TokenRequester } from '../token-request.js'

/**
 * What a grant sends by name; an array is sent as many times.
 *
 * @public
 */
export type ParameterValues = Readonly<Record<string, string | readonly string[]>>

/**
 * What a grant sends, or what is asked for it at each request (an assertion, a subject token).
 *
 * @public
 */
export type GrantParameters = ParameterValues | (() => ParameterValues | Promise<ParameterValues>)

const OWNER = 'grant'

/** What has an option of its own, and what the client authenticates with. */
const RESERVED = new Set([
  'grant_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'scope',
  'resource',
  'audience',
])

const parameters = flawOfParameters(RESERVED)

/** @internal */
export function customGrant(
  requestTokens: TokenRequester,
  grantType: string,
  given: GrantParameters,
  options: TargetOptions = {},
): AcquireGrant {
  checkValue(OWNER, 'type', grantType, aText)
  if (grantType === 'refresh_token') {
    throw new TokenOptionsError(`${OWNER}: \`type\`: 'refresh_token' is oauth.refreshToken()`)
  }
  if (typeof given !== 'function') assertParameters(given)
  checkOptions(OWNER, options, TARGET_CHECKS)
  const { scope, resource, audience } = options
  return withSigner(requestTokens, async ({ tokens, signal }: AcquireGrantContext) => {
    const own = typeof given === 'function' ? await ask(given) : given
    return requestTokens(
      {
        grantType,
        parameters: grantParameters({ ...own, scope, resource, audience }),
        spendsRefreshToken: false,
        secrets: secretsOf(own),
        dpopKey: tokens?.dpopKey,
      },
      signal,
    )
  })
}

async function ask(give: () => ParameterValues | Promise<ParameterValues>) {
  let values: ParameterValues
  try {
    values = await give()
  } catch (cause) {
    if (isTokenError(cause)) throw cause
    throw new RefreshUnavailableError('The function that returns the parameters failed', {
      outcome: 'not-sent',
      cause,
    })
  }
  assertParameters(values)
  return values
}

function assertParameters(values: unknown): void {
  checkValue(OWNER, 'parameters', values, parameters)
}

/** Nobody knows which are secret; the names of token types are not. */
function secretsOf(values: ParameterValues): string[] {
  return Object.values(values)
    .flat()
    .filter((value) => !value.startsWith('urn:'))
}
