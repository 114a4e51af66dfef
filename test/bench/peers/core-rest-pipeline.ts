import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
} from '@azure/core-rest-pipeline'
import type { Issued, Peer } from './peer.ts'

type AuthorizeRequest = NonNullable<
  NonNullable<
    Parameters<typeof bearerTokenAuthenticationPolicy>[0]['challengeCallbacks']
  >['authorizeRequest']
>
type TokenOf = Parameters<AuthorizeRequest>[0]['getAccessToken']

const SCOPES = ['api']

function policyOf({ accessToken, expiresAt }: Issued, authorizeRequest?: AuthorizeRequest) {
  const credential = {
    getToken: async () => ({ token: accessToken, expiresOnTimestamp: expiresAt }),
  }
  return bearerTokenAuthenticationPolicy({
    credential,
    scopes: SCOPES,
    ...(authorizeRequest && { challengeCallbacks: { authorizeRequest } }),
  })
}

/**
 * A policy refuses plain http, so nothing here goes over the loopback. Its cached token is handed to
 * `authorizeRequest` only (its reference, "ChallengeCallbacks"): one request is made to get at it.
 */
export const coreRestPipeline: Peer = {
  name: '@azure/core-rest-pipeline',
  package: '@azure/core-rest-pipeline',
  async tokenGetter({ issued }) {
    const given: { tokenOf?: TokenOf } = {}
    const pipeline = createEmptyPipeline()
    pipeline.addPolicy(
      policyOf(issued, async ({ getAccessToken }) => {
        given.tokenOf = getAccessToken
        await getAccessToken(SCOPES, {})
      }),
    )
    await pipeline.sendRequest(
      { sendRequest: async (request) => ({ request, status: 200, headers: createHttpHeaders() }) },
      createPipelineRequest({ url: 'https://api.example/' }),
    )
    return () => given.tokenOf!(SCOPES, {})
  },
  session: (issued) => policyOf(issued),
}
