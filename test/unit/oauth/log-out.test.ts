import { StepUpRequiredError, TokenManager, TokenStoreError } from 'tokenward'
import { oauthClient, stepUpParameters } from 'tokenward/oauth'
import { describe, expect, it, vi } from 'vitest'

const ISSUER = 'https://auth.example.com'
const METADATA = {
  issuer: ISSUER,
  token_endpoint: `${ISSUER}/token`,
  end_session_endpoint: `${ISSUER}/logout`,
}

function clientOf(metadata: object = METADATA) {
  const known = metadata as typeof METADATA
  return oauthClient({ metadata: known, clientId: 'web', clientSecret: 'a secret' })
}

async function signedIn() {
  const revoke = vi.fn(async () => undefined)
  const refresh = () => Promise.reject(new Error('not here'))
  const tokens = new TokenManager({ refresh, revoke })
  await tokens.setTokens({ access_token: 'at', refresh_token: 'rt', id_token: 'e.y.J' })
  return { tokens, revoke }
}

describe('a whole logout', () => {
  it('ends the session, its tokens, and says where the browser has to go, with the ID token', async () => {
    const { tokens, revoke } = await signedIn()
    const postLogoutRedirectUri = 'https://app.example.com/bye'
    const url = new URL((await clientOf().logOut(tokens, { postLogoutRedirectUri }))!)
    expect(url.origin + url.pathname).toBe(METADATA.end_session_endpoint)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      id_token_hint: 'e.y.J',
      client_id: 'web',
      post_logout_redirect_uri: postLogoutRedirectUri,
    })
    expect(revoke).toHaveBeenCalledOnce()
    expect(await tokens.getTokens()).toBeUndefined()
  })

  it('is one where the server has no page for it, too', async () => {
    const { tokens } = await signedIn()
    const { end_session_endpoint: _, ...metadata } = METADATA
    expect(await clientOf(metadata).logOut(tokens)).toBeUndefined()
    expect(await tokens.getTokens()).toBeUndefined()
  })

  it('tells of a logout that could not be stored, and goes on without an ID token that cannot be read', async () => {
    const failure = new TokenStoreError('away', { operation: 'save' })
    const getTokens = () => Promise.reject(failure)
    const signOut = vi.fn(async () => undefined)
    const url = await clientOf().logOut({ getTokens, signOut })
    expect(url).toBe(`${METADATA.end_session_endpoint}?client_id=web`)
    signOut.mockRejectedValue(failure)
    await expect(clientOf().logOut({ getTokens, signOut })).rejects.toBe(failure)
  })
})

describe('a stronger login', () => {
  it('asks for all that the API wants, and for nothing else', () => {
    const options = { acrValues: ['a', 'b'], maxAgeSeconds: 0, claims: '{}', scope: 'pay' }
    expect(stepUpParameters(new StepUpRequiredError('', options))).toEqual({
      acr_values: 'a b',
      max_age: '0',
      claims: '{}',
      scope: 'pay',
    })
    expect(stepUpParameters(new StepUpRequiredError(), 'openid')).toEqual({})
  })

  it('asks for the scope that the API names beside the one of every login', () => {
    const error = new StepUpRequiredError('', { scope: 'pay openid' })
    expect(stepUpParameters(error, 'openid offline_access')).toEqual({
      scope: 'openid offline_access pay',
    })
  })
})
