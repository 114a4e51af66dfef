import type { Provider } from 'tokenward/oauth'
import { describe, expect, it } from 'vitest'
import { answered, UNKNOWN } from './support.js'

const SUCCESS = { access_token: 'AT1', refresh_token: 'RT1', expires_in: 60 }

/** What is sent for a refresh to a server so described. */
async function refreshRequestOf(described: Partial<Provider>, more: { secret?: string } = {}) {
  const { refresh, sent } = answered({ ...UNKNOWN, ...described }, SUCCESS, 200, undefined, more)
  await refresh()
  return sent[0]!
}

const basicOf = (headers: Readonly<Record<string, string>>) =>
  Buffer.from(headers.authorization!.split(' ')[1]!, 'base64').toString()

describe('a request', () => {
  it('may be wanted as JSON', async () => {
    const described = { tokenRequest: { body: 'json' } } as const
    const { body } = await refreshRequestOf({ ...described, clientAuth: 'client_secret_post' })
    expect(JSON.parse(body!)).toMatchObject({ refresh_token: 'RT0', client_secret: 'a-secret' })
  })

  it('may go to another URL for the refresh', async () => {
    const endpoint = 'https://auth.example.com/refresh'
    expect((await refreshRequestOf({ refreshRequest: { endpoint } })).url.href).toBe(endpoint)
  })

  it('may have other parameters at a refresh', async () => {
    const { form } = await refreshRequestOf({
      refreshRequest: { parameters: { expiring: '1' }, omit: ['grant_type'] },
    })
    expect(form.get('expiring')).toBe('1')
    expect(form.has('grant_type')).toBe(false)
  })

  it('may go to a host of the session, and have parameters of it', async () => {
    const provider: Provider = {
      name: 'BigCommerce',
      endpoints: {
        authorization: 'https://{region}.example.com/authorize',
        token: 'https://{region}.example.com/token',
      },
      variables: { region: /[a-z]{2}/, store: /[a-z0-9]+/ },
      authorizationRequest: { parameters: { context: 'stores/{store}' } },
      codeRequest: { parameters: { context: 'stores/{store}', format: '{json}' } },
    }
    const { logIn, refresh, sent } = answered(provider, SUCCESS)
    const { asked, tokens } = await logIn({ variables: { region: 'eu', store: 'ab1' } })
    expect(asked.host).toBe('eu.example.com')
    expect(asked.searchParams.get('context')).toBe('stores/ab1')
    expect(sent[0]!.form.get('context')).toBe('stores/ab1')
    expect(sent[0]!.form.get('format')).toBe('{json}') // no variable of that name: it stays
    await refresh(tokens)
    expect(sent[1]!.url.host).toBe('eu.example.com')
  })

  it('has its credentials in Basic or in the body', async () => {
    const basic = await refreshRequestOf({ clientAuth: 'client_secret_basic' })
    expect(basicOf(basic.headers)).toBe('a-client:a-secret')
    expect(basic.form.has('client_secret')).toBe(false)
    const inBody = await refreshRequestOf({ clientAuth: 'client_secret_post' })
    expect(inBody.headers).not.toHaveProperty('authorization')
    expect(inBody.form.get('client_secret')).toBe('a-secret')
  })

  it('has them in Basic form-encoded, or raw for servers that do not decode', async () => {
    const secret = 's:e/c+r%t'
    const encoded = await refreshRequestOf({ clientAuth: 'client_secret_basic' }, { secret })
    expect(basicOf(encoded.headers)).toBe('a-client:s%3Ae%2Fc%2Br%25t')
    const raw = await refreshRequestOf({ clientAuth: 'client_secret_basic_raw' }, { secret })
    expect(basicOf(raw.headers)).toBe(`a-client:${secret}`)
  })

  it('goes without PKCE where that is switched off', async () => {
    const off = await answered({ ...UNKNOWN, pkce: false }, SUCCESS).logIn()
    expect(off.asked.searchParams.has('code_challenge')).toBe(false)
    const on = await answered(UNKNOWN, SUCCESS).logIn()
    expect(on.asked.searchParams.get('code_challenge_method')).toBe('S256')
  })

  it('separates scopes as the server does', async () => {
    const { asked } = await answered({ ...UNKNOWN, scopeSeparator: ',' }, SUCCESS).logIn({
      scope: 'a b',
    })
    expect(asked.searchParams.get('scope')).toBe('a,b')
  })

  it('keeps further members of the response', async () => {
    const described = { ...UNKNOWN, extra: ['realmId', 'team.id'] }
    const { refresh } = answered(described, { ...SUCCESS, realmId: '9', team: { id: 'T1' } })
    expect((await refresh()).extra).toEqual({ realmId: '9', 'team.id': 'T1' })
  })
})
