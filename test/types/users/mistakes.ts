// What must not compile: each line below is a mistake that a user could make.
import axios from 'axios'
import { fixedToken, TokenManager, toTokenSet, type TokenSource } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { oauthClient } from 'tokenward/oauth'

const refresh = async ({ refreshToken }: { refreshToken: string }) => ({
  accessToken: refreshToken,
})
const acquire = async () => ({ accessToken: 'a-token' })

// @ts-expect-error one of two ways to renew, not both
new TokenManager({ refresh, acquire })

// @ts-expect-error and not neither
new TokenManager({ initialTokens: { accessToken: 'a-token' } })

// @ts-expect-error acquire is given no refresh token
new TokenManager({ acquire: async ({ refreshToken }) => ({ accessToken: refreshToken }) })

// @ts-expect-error acquire may have no tokens to replace
new TokenManager({ acquire: async ({ tokens }) => ({ accessToken: tokens.accessToken }) })

// @ts-expect-error refresh must resolve to tokens
new TokenManager({ refresh: async () => 'a-token' })

// @ts-expect-error refresh must resolve to something
new TokenManager({ refresh: async () => undefined })

// @ts-expect-error durations say their unit
new TokenManager({ acquire, refreshWindow: 60 })

// @ts-expect-error a store needs a conditional save
new TokenManager({ acquire, store: { load: async () => undefined } })

// @ts-expect-error the access token is required
toTokenSet({ refreshToken: 'a-refresh-token' })

// @ts-expect-error a token may be missing from the environment
fixedToken(process.env.CI_TOKEN)

const tokens = new TokenManager({ acquire })

// @ts-expect-error no such event
tokens.on('refresh', () => undefined)

// @ts-expect-error the value is a promise
export const token: string = tokens.getAccessToken()

export async function immutable(): Promise<void> {
  const set = await tokens.getTokens()
  // @ts-expect-error a token set does not change
  if (set) set.accessToken = 'another'
}

const api = attachTokens(axios.create({ baseURL: 'https://api.example.com' }), tokens)

// @ts-expect-error false turns tokens off, true would say nothing
await api.get('/me', { tokens: true })

// @ts-expect-error a string is no source: fixedToken(...)
await api.get('/me', { tokens: 'a-token' })

// @ts-expect-error the source of a request is found without waiting
attachTokens(axios.create(), async (): Promise<TokenSource> => tokens)

// @ts-expect-error an axios response is no axios instance
attachTokens(await api.get('/me'), tokens)

// @ts-expect-error exactly one of issuer, tokenEndpoint, metadata
oauthClient({ issuer: 'https://a.example', tokenEndpoint: 'https://a.example/t', clientId: 'me' })

// @ts-expect-error none of them is none
oauthClient({ clientId: 'me' })

// @ts-expect-error not a way to authenticate
oauthClient({ issuer: 'https://a.example', clientId: 'me', clientAuth: 'basic' })
