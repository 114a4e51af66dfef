import axios, { type AxiosResponse } from 'axios'
import { TokenManager } from 'tokenward'
import { attachTokens, isGraphqlUnauthenticated, type AttachTokensOptions } from 'tokenward/axios'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../../unit/http/support/server.js'

interface Says {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** How often an API was asked that says of AT0 so, and takes AT1; and how often it was renewed. */
async function askedOf(
  { status, headers = {}, body = '' }: Says,
  options: AttachTokensOptions = {},
  maxRedirects = 5,
) {
  const api = await serve((request, response) => {
    const isGood = request.rawHeaders.some((value) => value.includes('AT1'))
    if (isGood) return response.end('"good"')
    return response.writeHead(request.url === '/signin' ? 203 : status, headers).end(body)
  })
  let renewals = 0
  const tokens = new TokenManager({
    refresh: async () => ({ access_token: `AT${++renewals}` }),
    initialTokens: { access_token: 'AT0', refresh_token: 'RT0' },
  })
  onTestFinished(() => tokens.close())
  const instance = axios.create({ baseURL: api.origin, maxRedirects })
  const { data } = await attachTokens(instance, tokens, options).get<unknown>('/me')
  return { data, renewals, asked: api.seen.length }
}

const RENEWED_ONCE = { data: 'good', renewals: 1, asked: 2 }
const challenge = (text: string): Says => ({ status: 401, headers: { 'www-authenticate': text } })

describe('an API that says "expired"', () => {
  it('by invalid_token, as RFC 6750 has it', async () => {
    expect(await askedOf(challenge('Bearer error="invalid_token"'))).toEqual(RENEWED_ONCE)
  })

  it('by a bare 401, as many do', async () => {
    expect(await askedOf({ status: 401 })).toEqual(RENEWED_ONCE)
  })

  it('by the scheme Token, as Django REST framework does, which is what is sent', async () => {
    const format = (token: string) => `Token ${token}`
    expect(await askedOf(challenge('Token'), { format })).toEqual(RENEWED_ONCE)
  })

  it('by the scheme JWT, as simplejwt does', async () => {
    const format = (token: string) => `JWT ${token}`
    expect(await askedOf(challenge('JWT realm="api"'), { format })).toEqual(RENEWED_ONCE)
  })

  it('by the scheme OAuth2 with invalid_token, as WSO2 does', async () => {
    const said = challenge('OAuth2 realm="WSO2", error="invalid_token"')
    expect(await askedOf(said)).toEqual(RENEWED_ONCE)
  })

  it('by the scheme OAuth for a Bearer token, as Jira does', async () => {
    const said = challenge('OAuth realm="https%3A%2F%2Fjira.example.com"')
    expect(await askedOf(said)).toEqual(RENEWED_ONCE)
  })

  it('by the scheme JWT for a Bearer token, as gin-jwt does', async () => {
    expect(await askedOf(challenge('JWT realm=test zone'))).toEqual(RENEWED_ONCE)
  })

  it('with status 200 and a word, as Slack does', async () => {
    const isRejected = ({ data }: AxiosResponse<{ error?: string }>) =>
      data.error === 'token_expired'
    const said = { status: 200, body: '{"ok":false,"error":"token_expired"}' }
    expect(await askedOf(said, { isRejected })).toEqual(RENEWED_ONCE)
  })

  it('with status 200 and a code, as GraphQL servers do', async () => {
    const said = {
      status: 200,
      body: '{"errors":[{"message":"x","extensions":{"code":"UNAUTHENTICATED"}}]}',
    }
    const isRejected = isGraphqlUnauthenticated
    expect(await askedOf(said, { isRejected })).toEqual(RENEWED_ONCE)
  })

  it('with 403 and a word, as the identity URL of Salesforce does', async () => {
    const isRejected = ({ status, data }: AxiosResponse<unknown>) =>
      status === 403 && data === 'Bad_OAuth_Token'
    expect(await askedOf({ status: 403, body: 'Bad_OAuth_Token' }, { isRejected })).toEqual(
      RENEWED_ONCE,
    )
  })

  it.each([
    ['203', { status: 203, body: '<html>Sign in</html>' }, 5, 2],
    ['302, followed', { status: 302, headers: { location: '/signin' } }, 5, 3],
    ['302, not followed', { status: 302, headers: { location: '/signin' } }, 0, 2],
  ])('with a sign-in page, as Azure DevOps does: %s', async (_, said, maxRedirects, asked) => {
    const isRejected = ({ status }: AxiosResponse) => status === 203 || status === 302
    const told = await askedOf(said, { isRejected }, maxRedirects)
    expect(told).toEqual({ ...RENEWED_ONCE, asked })
  })
})
