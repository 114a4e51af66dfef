import { generateKeyPair, jwtVerify } from 'jose'
import { TokenManager, type TokenManagerOptions } from 'tokenward'
import { oauthClient, type ClientOptions, type OAuthClient } from 'tokenward/oauth'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { failureOf, FULL_METADATA, ISSUER, json, METADATA, stubFetch, TOKENS, type Sent } from './support.js' // prettier-ignore

const LOGIN = { accessToken: 'AT0', refreshToken: 'RT1' }
const down = () => new Response(null, { status: 503 })

/** A server that answers token requests and revocations by the next of these, then well. */
function clientOf(answers: ((sent: Sent) => Response | Promise<Response>)[], options: object = {}) {
  const left = [...answers]
  const { fetch, sent, form } = stubFetch((request) => left.shift()?.(request) ?? json(TOKENS))
  const all = { metadata: FULL_METADATA, clientId: 'app', fetch, ...options } as ClientOptions
  return { oauth: oauthClient(all as Parameters<typeof oauthClient>[0]), sent, form }
}

function managerOf(oauth: OAuthClient, options: Partial<TokenManagerOptions> = {}) {
  const tokens = new TokenManager({
    refresh: oauth.refreshToken(),
    revoke: oauth.revoke(),
    initialTokens: LOGIN,
    retry: { attempts: 3, baseDelayMs: 1 },
    ...options,
  } as TokenManagerOptions)
  onTestFinished(() => tokens.close())
  return tokens
}

describe('a refresh that a manager tries again', () => {
  it('has another assertion each time, and asks the key’s function each time', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const clientKey = vi.fn(async () => ({ key: privateKey, kid: 'k1' }))
    const { oauth, form } = clientOf([down, down], { clientKey })
    expect(await managerOf(oauth).refresh()).toBe('AT1')

    const verified = [0, 1, 2].map((index) =>
      jwtVerify(form(index).get('client_assertion')!, publicKey, { audience: ISSUER }),
    )
    const payloads = (await Promise.all(verified)).map(({ payload }) => payload)
    expect(new Set(payloads.map(({ jti }) => jti)).size).toBe(3)
    for (const { iat, exp } of payloads) expect(exp! - iat!).toBe(60)
    expect(clientKey).toHaveBeenCalledTimes(3)
  })

  it('has the secret that its function gives at that moment', async () => {
    const secrets = ['old', 'new']
    const clientSecret = () => secrets.shift()!
    const { oauth, form } = clientOf([down], { clientSecret, clientAuth: 'client_secret_post' })
    await managerOf(oauth).refresh()
    expect([form(0), form(1)].map((each) => each.get('client_secret'))).toEqual(['old', 'new'])
  })
})

describe('discovery that fails', () => {
  it('is tried again within the same refresh, and nothing was spent', async () => {
    const { oauth, sent } = clientOf([down, () => json(METADATA)], {
      metadata: undefined,
      issuer: ISSUER,
    })
    expect(await managerOf(oauth).refresh()).toBe('AT1')
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST'])
  })

  it('keeps the session where it fails for good', async () => {
    const { oauth, sent } = clientOf([down, down, down], { metadata: undefined, issuer: ISSUER })
    const tokens = managerOf(oauth)
    expect(await failureOf(tokens.refresh())).toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'not-sent',
    })
    expect(sent).toHaveLength(3)
    expect(await tokens.getTokens()).toMatchObject(LOGIN)
  })
})

describe('signOut({ revoke: true })', () => {
  it('also revokes what a refresh in flight brings too late, and close() waits for it', async () => {
    const late = held()
    const revocation = held()
    const { oauth, sent } = clientOf([
      () => late.answer,
      () => new Response(), // RT1
      () => new Response(), // AT0
      () => revocation.answer, // RT2
    ])
    const tokens = managerOf(oauth)
    const refreshing = failureOf(tokens.refresh())
    await vi.waitFor(() => expect(sent).toHaveLength(1))

    await tokens.signOut({ revoke: true })
    expect(await refreshing).toMatchObject({ reason: 'signed-out' })
    late.resolve(json({ ...TOKENS, refresh_token: 'RT2' }))
    let isClosed = false
    const closed = tokens.close().then(() => (isClosed = true))
    await vi.waitFor(() => expect(sent).toHaveLength(4))
    expect(isClosed).toBe(false)
    revocation.resolve(new Response())
    await closed

    const revoked = sent.filter(({ url }) => url === FULL_METADATA.revocation_endpoint)
    expect(revoked.map(({ body }) => new URLSearchParams(body).get('token'))).toEqual([
      'RT1',
      'AT0',
      'RT2',
      'AT1',
    ])
  })

  it.each<[string, () => Response | Promise<Response>]>([
    ['refuses', () => json({ error: 'invalid_client' }, { status: 401 })],
    [
      'redirects',
      () => new Response(null, { status: 302, headers: { location: 'https://x.test' } }),
    ],
    ['is a page', () => new Response('<html>', { status: 404 })],
    ['breaks', () => Promise.reject(new Error('reset'))],
  ])('ends the session here where the server %s', async (_, answer) => {
    const { oauth } = clientOf(Array.from({ length: 8 }, () => answer))
    const tokens = managerOf(oauth)
    await expect(tokens.signOut({ revoke: true })).resolves.toBeUndefined()
    expect(await failureOf(tokens.getAccessToken())).toMatchObject({
      code: 'ERR_LOGIN_REQUIRED',
      reason: 'signed-out',
    })
  })
})

function held() {
  let resolve!: (response: Response) => void
  const answer = new Promise<Response>((settle) => (resolve = settle))
  return { answer, resolve }
}
