import { genericTokenEndpointRequest } from 'oauth4webapi'
import { parseHttpDate } from '../http/retry-after.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { TokenProofs } from './dpop-request.js'
import type { GrantRequest } from './grant.js'
import type { Sender } from './sender.js'
import { readTokenResponse } from './token-response.js'

/**
 * Makes the client's token requests: sends the grant with the client's authentication, once, and
 * reads the answer.
 *
 * @internal
 */
export type TokenRequester = (grant: GrantRequest, signal?: AbortSignal) => Promise<TokenSet>

/** @internal */
export function createTokenRequester(send: Sender, proofs: TokenProofs): TokenRequester {
  return async (grant, signal) => {
    const dpopKey = await proofs.keyFor(grant)
    const sent = await send({
      endpoint: 'token_endpoint',
      secrets: [grant.parameters.get('refresh_token'), ...(grant.secrets ?? [])],
      signal,
      request: ({ server, client, authenticate, options }) =>
        proofs.send(dpopKey, server.token_endpoint!, (DPoP) =>
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
      spendsRefreshToken: grant.spendsRefreshToken,
      dpopKey,
    })
    await grant.check?.(tokens, parseHttpDate(sent.answer.headers.get('date')))
    return tokens
  }
}
