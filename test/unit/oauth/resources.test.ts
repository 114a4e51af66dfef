import axios from 'axios'
import { TokenManager } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { oauthClient } from 'tokenward/oauth'
import { expect, it } from 'vitest'

it('a refresh for tokens.for() asks for its resource and scope, which outranks the client’s', async () => {
  const sent: Record<string, string[]>[] = []
  const oauth = oauthClient({
    tokenEndpoint: 'https://auth.example.com/token',
    clientId: 'app',
    fetch: (_url, { body }) => {
      const form = new URLSearchParams(String(body))
      sent.push({ resource: form.getAll('resource'), scope: form.getAll('scope') })
      return Promise.resolve(Response.json({ access_token: 'at', token_type: 'bearer' }))
    },
  })
  const tokens = new TokenManager({
    refresh: oauth.refreshToken({ scope: 'all' }),
    initialTokens: { accessToken: 'session', refreshToken: 'rt' },
  })
  const resource = ['https://calendar.example.com', 'https://mail.example.com']
  await tokens.for({ resource, scope: 'read' }).getAccessToken()
  await tokens.refresh()
  expect(sent).toEqual([
    { resource, scope: ['read'] },
    { resource: [], scope: ['all'] },
  ])
})

it('attachTokens takes tokens.for() like any source: a 401 renews that token, and no other', async () => {
  let issued = 0
  const tokens = new TokenManager({
    initialTokens: { accessToken: 'session', refreshToken: 'rt' },
    refresh: async ({ resource }) => ({ accessToken: `${String(resource)} ${(issued += 1)}` }),
  })
  const seen: unknown[] = []
  const api = attachTokens(
    axios.create({
      baseURL: 'https://mail.example.com',
      adapter: async (config) => {
        seen.push(config.headers.get('authorization'))
        const isRefused = seen.length === 1
        const headers = isRefused ? { 'www-authenticate': 'Bearer error="invalid_token"' } : {}
        const status = isRefused ? 401 : 200
        return { status, headers, config, data: '', statusText: '' }
      },
    }),
    tokens.for({ resource: 'urn:mail' }),
  )
  expect((await api.get('/inbox')).status).toBe(200)
  expect(seen).toEqual(['Bearer urn:mail 1', 'Bearer urn:mail 2'])
  expect(await tokens.getAccessToken()).toBe('session')
})
