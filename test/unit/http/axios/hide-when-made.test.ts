import { Agent, globalAgent } from 'node:http'
import { inspect } from 'node:util'
import axios from 'axios'
import { fixedToken } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { describe, expect, it } from 'vitest'
import { ok, serve } from '../support/server.js'

const ALL = { depth: Infinity, showHidden: true }

describe('while another user’s request is on the same keep-alive connection', () => {
  it.each([
    ['a streamed response', { responseType: 'stream' as const }],
    ['a streamed response without a token', { responseType: 'stream' as const, tokens: false as const }], // prettier-ignore
    ['a response without a token', { tokens: false as const }],
  ])('%s leads to no token', async (_, options) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const api = await serve((request, response) => {
      if (request.url !== '/slow') ok(response)
    })
    const instance = attachTokens(axios.create({ baseURL: api.origin }), fixedToken('S3CRET'))
    const response = await instance.get<unknown>('/first', { ...options, httpAgent: agent })
    const { data } = response
    if ('responseType' in options)
      for await (const chunk of data as AsyncIterable<unknown>) void chunk
    void instance.get('/slow', { httpAgent: agent }).catch(() => {})
    await expect.poll(() => api.seen.length).toBe(2)
    expect(api.seen[1]?.authorization).toBe('Bearer S3CRET')
    expect(inspect([response, data, agent], ALL)).not.toContain('S3CRET')
    agent.destroy()
  })

  // All clients of a process share the default agent, and it knows of every connection.
  it.each([200, 500])('an answer of another origin leads to no token: %i', async (status) => {
    const api = await serve(() => undefined)
    const other = await serve((_, response) => response.writeHead(status).end())
    const instance = attachTokens(axios.create({ baseURL: api.origin }), fixedToken('S3CRET'))
    void instance.get('/slow').catch(() => {})
    await expect.poll(() => api.seen.length).toBe(1)
    expect(api.seen[0]?.authorization).toBe('Bearer S3CRET')
    const answer: unknown = await instance.get(other.origin).catch((error: unknown) => error)
    expect(inspect(answer, ALL)).not.toContain('S3CRET')
    expect(inspect(globalAgent, ALL)).not.toContain('S3CRET')
  })
})
