import type { TokenCredential } from '@azure/core-auth'
import {
  bearerTokenAuthenticationPolicy,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline'
import type { TokenManager } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { clientWorld } from './support/world.js'

function credentialOf(tokens: TokenManager): TokenCredential {
  return {
    async getToken() {
      const token = await tokens.getAccessToken()
      const expiresOnTimestamp = (await tokens.getTokens())?.expiresAt ?? Date.now() + 60_000
      return { token, expiresOnTimestamp }
    },
  }
}

describe('an Azure `TokenCredential`', () => {
  it('gives the pipeline of the Azure SDKs a fresh token, with one refresh', async () => {
    const { tokens, refreshes } = await clientWorld({ first: 'expired' })
    const credential = credentialOf(tokens)
    const pipeline = createEmptyPipeline()
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes: 'any' }))
    const seen: (string | undefined)[] = []
    // The policy sends tokens over TLS alone, so that the network is one in memory.
    const network: HttpClient = {
      async sendRequest(request) {
        seen.push(request.headers.get('authorization'))
        return { request, status: 200, headers: createHttpHeaders() }
      },
    }
    const request = () => createPipelineRequest({ url: 'https://api.example.com/items' })
    await Promise.all([1, 2, 3].map(() => pipeline.sendRequest(network, request())))
    expect(seen).toEqual(['Bearer T2', 'Bearer T2', 'Bearer T2'])
    expect(refreshes()).toBe(1)
  })
})
