import { TokenManager } from 'tokenward'
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
