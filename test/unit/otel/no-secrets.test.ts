import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { LoginRequiredError, memoryStore, TokenManager, type TokenManagerOptions } from 'tokenward'
import { describe, expect, it, onTestFinished } from 'vitest'
import { observed } from './support.js'

const SECRETS = ['access-token-of-alice-1', 'refresh-token-of-alice-2']
const [accessToken, refreshToken] = SECRETS as [string, string]
const json = (body: unknown, status = 400) => new Response(JSON.stringify(body), { status })

/** What a refresh may end with, the secrets in it. */
const ENDS: [string, () => unknown][] = [
  ['an error', () => Promise.reject(Object.assign(new Error(`no ${refreshToken}`), { code: refreshToken }))], // prettier-ignore
  ['a text that is thrown', () => Promise.reject(refreshToken)],
  ['a refusal', () => json({ error: refreshToken, error_description: accessToken })],
  ['an end', () => json({ error: 'invalid_grant', error_description: `of ${refreshToken}` })],
  ['an error of ours', () => Promise.reject(new LoginRequiredError(refreshToken, { reason: refreshToken as never }))], // prettier-ignore
  ['a page', () => new Response(`<title>${refreshToken}</title>`)],
  ['a type of token', () => ({ access_token: 'a', token_type: refreshToken })],
  ['tokens', () => ({ access_token: 'a', refresh_token: refreshToken, expires_in: 60 })],
]

describe('what is told of a session', () => {
  it.each(ENDS)('has no token and no ID, whatever a refresh ends with: %s', async (_, end) => {
    const { spans, counts } = observed()
    const ids: string[] = []
    const listen = (message: unknown) => void ids.push((message as { sessionId: string }).sessionId)
    subscribe('tokenward:session', listen)
    onTestFinished(() => void unsubscribe('tokenward:session', listen))
    const refresh = end as TokenManagerOptions['refresh'] & object
    const tokens = new TokenManager({ refresh, store: memoryStore(), retry: { attempts: 1 } })
    await tokens.setTokens({
      access_token: accessToken,
      refresh_token: refreshToken,
      expires_in: 1,
    })
    await tokens.refresh().catch(() => undefined)
    await tokens.close()
    await Promise.resolve()

    const metrics = [
      'tokenward.refresh.duration',
      'tokenward.wait.duration',
      'tokenward.session.events',
    ]
    const told = JSON.stringify([
      spans().map(({ name, attributes, status, events }) => [name, attributes, status, events]),
      await Promise.all(metrics.map(counts)),
    ])
    expect(told).toContain('tokenward.refresh')
    expect(ids.length).toBeGreaterThan(0)
    for (const secret of [...SECRETS, ...ids]) expect(told).not.toContain(secret)
  })
})
