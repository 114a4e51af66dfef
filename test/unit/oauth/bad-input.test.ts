import { describe, expect, it } from 'vitest'
import { isTokenError, TokenManager } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import { failureOf, refreshContext, stubFetch, TOKEN_ENDPOINT } from './support.js'

const DEEP = 200_000

/** One refresh, answered by these very bytes. */
async function answered(body: string, status = 200) {
  const { fetch } = stubFetch(() => new Response(body, { status }))
  const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
  const call = oauth.refreshToken()(refreshContext())
  return call.then(
    (tokens) => ({ tokens, error: undefined }),
    (error: unknown) => ({ tokens: undefined, error }),
  )
}

const BAD: [string, string][] = [
  ['HTML', '<html><body>Log in to the Wi-Fi: token=hush-hush</body></html>'],
  ['nothing', ''],
  ['white space', ' \n\t '],
  ['JSON cut short', '{"access_token":"AT1","refresh_tok'],
  ['ten megabytes', `{"access_token":"AT1","x":"${'x'.repeat(10 * 1024 * 1024)}"}`],
  ['deep nesting', `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`],
  ['deep nesting beside an error', `{"error":"odd","x":${'['.repeat(900)}${']'.repeat(900)}}`],
  ['an array', '[{"access_token":"AT1"}]'],
  ['a number', '42'],
  ['a text', '"AT1"'],
  ['null', 'null'],
  ['a number for the token', '{"access_token":12345}'],
  ['an object for the token', '{"access_token":{"value":"AT1"}}'],
  ['a token that cannot be sent', '{"access_token":"AT1\\r\\nX-Evil: 1"}'],
  ['an error that is no word', '{"error":["a","b"]}'],
  ['a form without a token', 'a=1&b=2'],
  ['bytes that are no text', '\u0000\u0001\u0002'],
]

describe.each([200, 400])('a body that is no token response, with HTTP %s', (status) => {
  it.each(BAD)('%s is a typed error', async (_, body) => {
    const { error } = await answered(body, status)
    expect(isTokenError(error)).toBe(true)
    expect(isTokenError(error, 'ERR_LOGIN_REQUIRED')).toBe(false)
    expect(String(error)).not.toContain('hush-hush')
    expect((error as Error).message.length).toBeLessThan(400)
  })
})

describe('a token beside what cannot be read', () => {
  it.each<[string, string, object]>([
    ['expires_in as text', '"expires_in":"3599"', { lifetimeMs: 3_599_000 }],
    ['expires_in of words', '"expires_in":"1h"', { lifetimeMs: undefined }],
    ['no expires_in', '"expires_in":null', { lifetimeMs: undefined }],
    ['a negative one', '"expires_in":-1', { lifetimeMs: undefined }],
    ['a huge one', '"expires_in":1e12', { lifetimeMs: 1e15 }],
    ['one beyond all numbers', '"expires_in":1e999', { lifetimeMs: undefined }],
    ['a refresh token that is a number', '"refresh_token":7', { refreshToken: undefined }],
    ['two refresh tokens', '"refresh_token":"A","refresh_token":"B"', { refreshToken: 'B' }],
    ['an error beside it', '"error":"invalid_grant"', { accessToken: 'AT1' }],
    ['a scope of numbers', '"scope":[1,2]', { scope: undefined }],
    ['a key that is not ours', '"dpopKey":{"kty":"EC"}', { dpopKey: undefined }],
    ['what nobody asked to keep', '"extra":{"a":1}', { extra: undefined }],
    ['a prototype', '"__proto__":{"refresh_token":"EVIL"}', { refreshToken: undefined }],
  ])('%s is a sound reading', async (_, member, expected) => {
    const { tokens, error } = await answered(`{"access_token":"AT1",${member}}`)
    expect(error).toBeUndefined()
    const { expiresAt, issuedAt } = tokens!
    const lifetimeMs = expiresAt === undefined ? undefined : expiresAt - issuedAt
    expect({ ...tokens, lifetimeMs }).toMatchObject(
      Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)),
    )
    for (const [name, value] of Object.entries(expected)) {
      if (value === undefined) expect({ ...tokens, lifetimeMs }[name as 'scope']).toBeUndefined()
    }
  })
})

it('says nothing that moves a cursor or begins a line', async () => {
  const words = '{"error":"x\\nFAKE: all is well\\u001b[2J","error_description":"a\\u202eb\\rc"}'
  const { error } = await answered(words, 400)
  expect(error).toMatchObject({ error: 'x FAKE: all is well[2J', errorDescription: 'ab c' })
  // eslint-disable-next-line no-control-regex -- that is what is looked for
  expect(String(error)).not.toMatch(/[\u0000-\u001f\u202e]/)
})

it.each([
  ['as it is', 'x7Q'],
  ['in Basic', Buffer.from('app:x7Q').toString('base64')],
])('does not show a short secret that the server quotes: %s', async (_, quoted) => {
  const { fetch } = stubFetch(() =>
    Response.json({ error: 'odd', error_description: `bad "${quoted}"` }, { status: 400 }),
  )
  const oauth = oauthClient({
    tokenEndpoint: TOKEN_ENDPOINT,
    clientId: 'app',
    clientSecret: 'x7Q',
    fetch,
  })
  const error = await failureOf(oauth.refreshToken()(refreshContext()))
  expect(error.errorDescription).toBe('bad "[redacted]"')
})

/** As a client of HTTP gives it: parsed where it can be. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

describe.each(['returned', 'thrown'])('the same from a refresh of one’s own, %s', (way) => {
  it.each(BAD)('%s is a typed error, and loses nothing', async (_, body) => {
    const data = parsed(body)
    const tokens = new TokenManager({
      refresh: async () => {
        if (way === 'returned') return data as { access_token: string }
        throw Object.assign(new Error(), { response: { status: 400, data, headers: {} } })
      },
      initialTokens: { access_token: 'AT0', refresh_token: 'RT1', expires_in: 3600 },
      retry: { attempts: 1 },
    })
    // Ten megabytes beside a good token: here the body is the user's own to bound.
    const isSound = way === 'returned' && body.startsWith('{"access_token":"AT1","x"')
    const outcome = await tokens.refresh().catch((error: unknown) => error)
    expect(isSound ? outcome : isTokenError(outcome)).toBe(isSound ? 'AT1' : true)
    expect(String(outcome)).not.toContain('hush-hush')
    expect(await tokens.getTokens()).toMatchObject({ refreshToken: 'RT1' })
    await tokens.close()
  })
})

it('loses no session by any of it', async () => {
  for (const [, body] of BAD) {
    const { fetch } = stubFetch(() => new Response(body))
    const oauth = oauthClient({ tokenEndpoint: TOKEN_ENDPOINT, clientId: 'app', fetch })
    const tokens = new TokenManager({
      refresh: oauth.refreshToken(),
      initialTokens: { access_token: 'AT0', refresh_token: 'RT1', expires_in: 3600 },
      retry: { attempts: 1 },
    })
    await failureOf(tokens.refresh())
    expect(await tokens.getTokens()).toMatchObject({ refreshToken: 'RT1' })
  }
})
