import { AuthClient } from 'google-auth-library'
import type { TokenManager } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { clientWorld } from './support/world.js'

class ManagedAuthClient extends AuthClient {
  constructor(private readonly manager: TokenManager) {
    super()
  }

  async getAccessToken() {
    return { token: await this.manager.getAccessToken() }
  }

  async getRequestHeaders() {
    return new Headers({ authorization: `Bearer ${await this.manager.getAccessToken()}` })
  }

  async request<T>(options: Parameters<AuthClient['request']>[0]) {
    const headers = await this.getRequestHeaders()
    return this.transporter.request<T>({ ...options, headers })
  }
}

describe('an `AuthClient` of google-auth-library', () => {
  it('sends a fresh token, with one refresh', async () => {
    const { api, tokens, seen, refreshes } = await clientWorld({ first: 'expired' })
    const client = new ManagedAuthClient(tokens)
    const send = () => client.request<{ ok: boolean }>({ url: `${api.origin}/items` })
    const answers = await Promise.all([1, 2, 3].map(send))
    expect(answers.map(({ data }) => data)).toEqual(answers.map(() => ({ ok: true })))
    expect(seen()).toEqual(['T2', 'T2', 'T2'])
    expect(refreshes()).toBe(1)
  })
})
