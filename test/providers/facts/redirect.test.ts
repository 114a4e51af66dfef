import { TokenManager } from 'tokenward'
import type { Provider } from 'tokenward/oauth'
import { quickbooks } from 'tokenward/providers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answered, UNKNOWN } from './support.js'

const REALM = { realmId: '4620816365049178370' }

describe('what the redirect of a login says', () => {
  it('of QuickBooks is the company, and a refresh keeps it', async () => {
    const { logIn, refresh } = answered(quickbooks(), { access_token: 'AT1' })
    const { tokens } = await logIn({}, `&realmId=${REALM.realmId}`)
    expect(tokens.extra).toEqual(REALM)

    const login = { ...tokens, refreshToken: 'RT0' }
    const manager = new TokenManager({ refresh: () => refresh(login), initialTokens: login })
    onTestFinished(() => manager.close())
    await manager.refresh()
    expect((await manager.getTokens())!.extra).toEqual(REALM)
  })

  const provider: Provider = {
    ...UNKNOWN,
    endpoints: { ...UNKNOWN.endpoints, token: 'https://{region}.example.com/token' },
    variables: { region: /[a-z]{2}/ },
    extra: ['team'],
    redirectExtra: ['realmId', 'team', 'region'],
  }

  it.each([
    ['a parameter that the description names', '&realmId=1', { realmId: '1' }],
    ['no other', '&other=1', undefined],
    ['none that comes twice', '&realmId=1&realmId=2', undefined],
    ['none that is empty', '&realmId=', undefined],
    ['none that would be part of a host', '&region=us', undefined],
  ])('is kept: %s', async (_, redirect, extra) => {
    const { logIn } = answered(provider, { access_token: 'AT1' }, 200, { region: 'eu' })
    expect((await logIn({}, redirect)).tokens.extra).toEqual(extra)
  })

  it('is outranked by what the server itself says', async () => {
    const body = { access_token: 'AT1', team: 'T1' }
    const { logIn } = answered(provider, body, 200, { region: 'eu' })
    expect((await logIn({}, '&team=T2')).tokens.extra).toEqual({ team: 'T1' })
  })
})
