import { genericTokenEndpointRequest } from 'oauth4webapi'
import { parseHttpDate } from '../http/retry-after.js'
import { withKept, type TokenSet } from '../tokens/token-set.js'
import type { TokenProofs } from './dpop-request.js'
import { grantParameters } from './grant-parameters.js'
import type { GrantRequest } from './grant.js'
import type { Provider } from './provider.js'
import { own } from './provider/own.js'
import type { Purpose } from './provider/request-shape.js'
import type { Sender } from './sender.js'
import { readTokenResponse } from './token-response.js'

/**
 * Makes the client's token requests: sends the grant with the client's authentication, once, and
 * reads the response.
 *
 * @internal
 */
export type TokenRequester = (grant: GrantRequest, signal?: AbortSignal) => Promise<TokenSet>

const PURPOSES: Readonly<Record<string, Purpose>> = {
  authorization_code: 'code',
  refresh_token: 'refresh',
  client_credentials: 'client_credentials',
}

/** @internal */
export function createTokenRequester(
  send: Sender,
  proofs: TokenProofs,
  provider?: Provider,
): TokenRequester {
  const request = async (grant: GrantRequest, purpose: Purpose, signal?: AbortSignal) => {
    const dpopKey = await proofs.keyFor(grant)
    const { variables, extra } = own(grant)
    const sent = await send({
      endpoint: 'token_endpoint',
      purpose,
      variables,
      secrets: [grant.parameters.get('refresh_token'), ...(grant.secrets ?? [])],
      signal,
      request: ({ server, method, client, authenticate, options }) =>
        proofs.send(dpopKey, { method, url: server.token_endpoint! }, (DPoP) =>
          genericTokenEndpointRequest(
            server,
            client,
            authenticate,
            grant.grantType,
            grant.parameters,
            DPoP ? { ...options, DPoP } : options,
          ),
        ),
    })
    const tokens = await readTokenResponse({
      ...sent,
      provider,
      variables,
      extra,
      isLogin: grant.check !== undefined,
      spendsRefreshToken: grant.spendsRefreshToken,
      dpopKey,
    })
    await grant.check?.(tokens, parseHttpDate(sent.answer.headers.get('date')))
    return tokens
  }
  return async (grant, signal) => {
    const purpose = PURPOSES[grant.grantType] ?? 'other'
    const tokens = await request(grant, purpose, signal)
    if (purpose !== 'code' || !provider?.exchangeRequest) return tokens
    const { check: _, ...exchange } = exchangeOf(tokens, grant)
    return withKept(tokens, await request(exchange, 'exchange', signal))
  }
}

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

/** The token of a login is short-lived: it becomes a long-lived one at once. */
function exchangeOf({ accessToken }: TokenSet, grant: GrantRequest): GrantRequest {
  return {
    ...grant,
    grantType: TOKEN_EXCHANGE,
    parameters: grantParameters({ subject_token: accessToken }),
    secrets: [accessToken],
  }
}
