import { Octokit } from '@octokit/core'
import type { TokenManager } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { clientWorld, keepsTheLaws } from './support/world.js'

describe('Octokit, with our fetch', () => {
  keepsTheLaws(({ apiFetch }) => {
    const client = new Octokit({ request: { fetch: apiFetch } })
    return (url) => client.request({ method: 'GET', url: new URL(url).pathname, baseUrl: new URL(url).origin }) // prettier-ignore
  })
})

describe('an `authStrategy` of Octokit', () => {
  const managedAuth = ({ tokens }: { tokens: TokenManager }) => {
    const auth = async () => ({ type: 'token', token: await tokens.getAccessToken() })
    const hook = async (request: any, options: any) => {
      const token = await tokens.getAccessToken()
      return request({ ...options, headers: { ...options.headers, authorization: `Bearer ${token}` } }) // prettier-ignore
    }
    return Object.assign(auth, { hook })
  }

  it('gives each request a fresh token, with one refresh', async () => {
    const { api, tokens, seen, refreshes } = await clientWorld({ first: 'expired' })
    const client = new Octokit({ authStrategy: managedAuth, auth: { tokens }, baseUrl: api.origin })
    await Promise.all([1, 2, 3].map(() => client.request('GET /items')))
    expect(await client.auth()).toEqual({ type: 'token', token: 'T2' })
    expect(seen()).toEqual(['T2', 'T2', 'T2'])
    expect(refreshes()).toBe(1)
  })
})
