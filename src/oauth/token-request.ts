import {
  allowInsecureRequests,
  customFetch,
  genericTokenEndpointRequest,
  type AuthorizationServer,
} from 'oauth4webapi'
import { now } from '../clock.js'
import { isTokenError, RefreshUnavailableError } from '../errors.js'
import { outcomeOfFailure } from '../http/network-failure.js'
import type { TokenSet } from '../tokens/token-set.js'
import { untilAborted } from '../wait.js'
import type { ClientConfig } from './client-options.js'
import type { GrantRequest } from './grant.js'
import { createScrubber } from '../redact.js'
import type { AuthorizationServerMetadata } from './server-metadata.js'
import { readTokenResponse } from './token-response.js'
import type { TokenFetchResponse, Transport } from './transport.js'

/**
 * Makes the client's token requests: finds the token endpoint, sends the grant with the client's
 * authentication, once, and reads the answer.
 *
 * @internal
 */
export type TokenRequester = (grant: GrantRequest, signal?: AbortSignal) => Promise<TokenSet>

/** @internal */
export function createTokenRequester(
  config: ClientConfig,
  discover: () => Promise<AuthorizationServerMetadata>,
  transport: Transport,
): TokenRequester {
  return async (grant, signal) => {
    const server = await findServer(discover, signal)
    const scrubber = createScrubber([config.clientSecret, grant.parameters.get('refresh_token')])
    const sentAt = now()
    let answer: TokenFetchResponse
    try {
      answer = await genericTokenEndpointRequest(
        server as AuthorizationServer,
        { client_id: config.clientId },
        config.clientAuth,
        grant.grantType,
        grant.parameters,
        {
          [allowInsecureRequests]: true, // the transport has a finer rule
          [customFetch]: (url, request) => {
            if (signal?.aborted) throw abortedBeforeSending(signal)
            return transport(url, request, signal) as Promise<Response>
          },
        },
      )
    } catch (thrown) {
      if (isTokenError(thrown)) throw thrown
      throw new RefreshUnavailableError('The token endpoint did not answer', {
        outcome: outcomeOfFailure(thrown),
        cause: scrubber.cause(thrown),
      })
    }
    return readTokenResponse(answer, { ...grant, sentAt, scrubber })
  }
}

async function findServer(
  discover: () => Promise<AuthorizationServerMetadata>,
  signal: AbortSignal | undefined,
): Promise<AuthorizationServerMetadata> {
  if (signal?.aborted) throw abortedBeforeSending(signal)
  try {
    return await untilAborted(discover(), signal)
  } catch (error) {
    throw signal?.aborted ? abortedBeforeSending(signal) : error
  }
}

function abortedBeforeSending(signal: AbortSignal): RefreshUnavailableError {
  return new RefreshUnavailableError('Aborted before the token request was sent', {
    outcome: 'not-sent',
    cause: signal.reason,
  })
}
