import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { clientWorld } from './support/world.js'

describe('an `apiKey: () => Promise<string>`, as of the OpenAI SDK', () => {
  it('is asked for each request, and costs one refresh', async () => {
    const { api, tokens, seen, refreshes } = await clientWorld({ first: 'expired' })
    const client = new OpenAI({ baseURL: api.origin, apiKey: () => tokens.getAccessToken(), maxRetries: 0 }) // prettier-ignore
    await Promise.all([1, 2, 3].map(() => client.models.list()))
    expect(seen()).toEqual(['T2', 'T2', 'T2'])
    expect(refreshes()).toBe(1)
  })
})
