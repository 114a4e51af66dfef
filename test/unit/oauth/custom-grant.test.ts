import { describe, expect, it } from 'vitest'
import {
  InvalidTokenResponseError,
  LoginRequiredError,
  RefreshUnavailableError,
  TokenOptionsError,
} from 'tokenward'
import { oauthClient, type GrantParameters } from 'tokenward/oauth'
import { acquireContext, failureOf, json, METADATA, refreshContext, shownBy, stubFetch, TOKENS } from './support.js' // prettier-ignore

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

function clientAnswering(answer: () => Response = () => json(TOKENS)) {
  const { fetch, sent, form } = stubFetch(answer)
  return { oauth: oauthClient({ metadata: METADATA, clientId: 'app', fetch }), sent, form }
}

describe('a grant by its type', () => {
  it('sends its parameters, and what the token is for', async () => {
    const { oauth, sent } = clientAnswering()
    await oauth.grant(EXCHANGE, { subject_token: 'ST', actor: ['a', 'b'] }, {
      scope: 'read',
      resource: 'https://api.test/',
      audience: ['x', 'y'],
    })(acquireContext()) // prettier-ignore
    expect(sent[0]!.body).toBe(
      'subject_token=ST&actor=a&actor=b&scope=read&resource=https%3A%2F%2Fapi.test%2F&audience=x&audience=y' +
        `&grant_type=${encodeURIComponent(EXCHANGE)}&client_id=app`,
    )
  })

  it('asks for fresh parameters at each attempt', async () => {
    const { oauth, form } = clientAnswering()
    let count = 0
    const acquire = oauth.grant(JWT_BEARER, async () => ({ assertion: `a${(count += 1)}` }))
    await acquire(acquireContext())
    await acquire(acquireContext())
    expect([form(0).get('assertion'), form(1).get('assertion')]).toEqual(['a1', 'a2'])
  })

  it.each<[unknown, unknown, object | undefined, RegExp]>([
    ['', {}, undefined, /`type` must be a non-empty string/],
    [undefined, {}, undefined, /`type` must be .* got undefined/],
    ['refresh_token', {}, undefined, /is oauth.refreshToken\(\)/],
    ['x', undefined, undefined, /`parameters` must be an object of parameters, got undefined/],
    ['x', [], undefined, /got an empty array/],
    ['x', null, undefined, /got null/],
    ['x', { a: 1 }, undefined, /`parameters` has a `a` that .* got a number/],
    ['x', { a: ['b', ''] }, undefined, /`a` that .* got an array/],
    ['x', { grant_type: 'y' }, undefined, /must not set `grant_type`/],
    ['x', { client_secret: 'hush-hush' }, undefined, /must not set `client_secret`/],
    ['x', { scope: 'read' }, undefined, /must not set `scope`/],
    ['x', {}, { scope: '' }, /grant: `scope`/],
    ['x', {}, { foo: 1 }, /grant: unknown option `foo`/],
  ])('is checked when it is made: %j %j %j', (type, parameters, options, message) => {
    const make = () =>
      clientAnswering().oauth.grant(type as string, parameters as GrantParameters, options)
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
    expect(make).not.toThrow(/hush/)
  })

  it('was not sent where the function of its parameters fails', async () => {
    const { oauth, sent } = clientAnswering()
    const acquire = oauth.grant(JWT_BEARER, () => Promise.reject(new Error('no key')))
    const error = await failureOf(acquire(acquireContext()))
    expect(error).toBeInstanceOf(RefreshUnavailableError)
    expect(error).toMatchObject({ outcome: 'not-sent' })
    const mine = new LoginRequiredError()
    const ours = oauth.grant(JWT_BEARER, () => Promise.reject(mine))
    expect(await failureOf(ours(acquireContext()))).toBe(mine)
    const bad = oauth.grant(JWT_BEARER, () => 'text' as never)
    expect(await failureOf(bad(acquireContext()))).toBeInstanceOf(TokenOptionsError)
    expect(sent).toEqual([])
  })

  it('shows no parameter in its errors', async () => {
    const { oauth } = clientAnswering(() =>
      json({ error: 'invalid_grant', error_description: 'not word word word' }, { status: 400 }),
    )
    const acquire = oauth.grant(EXCHANGE, { subject_token: 'word word word' })
    const error = await failureOf(acquire(acquireContext()))
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED', error: 'invalid_grant' })
    expect(shownBy(error)).not.toContain('word word')
  })
})

describe('a token exchange', () => {
  const exchange = (body: object) =>
    clientAnswering(() => json({ ...TOKENS, ...body })).oauth.grant(EXCHANGE, {
      subject_token: 'ST',
    })(acquireContext())

  it('takes an access token, by whatever type', async () => {
    const issued = { issued_token_type: ACCESS_TOKEN }
    await expect(exchange(issued)).resolves.toMatchObject({ accessToken: 'AT1' })
    await expect(exchange({ ...issued, token_type: 'N_A' })).resolves.toMatchObject({
      tokenType: 'Bearer',
    })
  })

  it.each(['urn:ietf:params:oauth:token-type:id_token', undefined])(
    'refuses what is no access token: %s',
    async (issued_token_type) => {
      const error = await failureOf(exchange({ token_type: 'n_a', issued_token_type }))
      expect(error).toBeInstanceOf(InvalidTokenResponseError)
      expect(error.message).toContain('another `requested_token_type`')
    },
  )
})

describe('a refresh', () => {
  it('asks for what the grant says, or for what this one is for', async () => {
    const { oauth, form } = clientAnswering()
    const refresh = oauth.refreshToken({ scope: 'a', resource: 'urn:a', audience: 'x' })
    await refresh(refreshContext())
    await refresh({ ...refreshContext(), scope: 'b', resource: ['urn:b', 'urn:c'] })
    expect(form(0).toString()).toContain('scope=a&resource=urn%3Aa&audience=x')
    expect(form(1).toString()).toContain('scope=b&resource=urn%3Ab&resource=urn%3Ac&audience=x')
    const bad = refresh({ ...refreshContext(), resource: 'no uri' })
    expect(await failureOf(bad)).toBeInstanceOf(TokenOptionsError)
  })
})
