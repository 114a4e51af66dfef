import { describe, expect, it } from 'vitest'
import { createAuthorizationServer, type AuthorizationServer } from 'tokenward/testing'
import { postToken, refusal } from './requests.js'

const SECRET = 'p+ss: w/rd%é&='
const GRANT = { grant_type: 'client_credentials' }

const formEncode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2)
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${btoa(`${formEncode(id)}:${formEncode(secret)}`)}`,
})
const post = (secret: string) => ({ ...GRANT, client_id: 'web:1', client_secret: secret })
const status = async (answer: Promise<Response>) => (await answer).status
const withSecret = (clientAuth?: 'client_secret_basic' | 'client_secret_post') =>
  createAuthorizationServer({ clientId: 'web:1', clientSecret: SECRET, clientAuth })

describe('a confidential client', () => {
  it('is known by form-urlencoded Basic credentials (RFC 6749 §2.3.1)', async () => {
    const server = withSecret()
    const headers = basic('web:1', SECRET)
    expect(await status(postToken(server, GRANT, { headers }))).toBe(200)
  })

  it('is known by its credentials in the form', async () => {
    expect(await status(postToken(withSecret(), post(SECRET)))).toBe(200)
  })

  it.each([
    ['a wrong secret', basic('web:1', 'wrong')],
    ['a wrong id', basic('web', SECRET)],
    ['credentials that are not form-urlencoded', { authorization: `Basic ${btoa('web:1:100%')}` }],
    ['no base64', { authorization: 'Basic x' }],
    ['no colon', { authorization: `Basic ${btoa('web')}` }],
    ['another scheme', { authorization: 'Bearer abc' }],
  ])('with %s in the header is answered 401 in that scheme', async (_, headers) => {
    const response = await postToken(withSecret(), GRANT, { headers })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic/)
    expect(await response.json()).toMatchObject({ error: 'invalid_client' })
  })

  it.each([
    ['a wrong secret', post('wrong')],
    ['no secret', { ...GRANT, client_id: 'web:1' }],
    ['nothing', GRANT],
  ])('with %s in the form is answered 401 without a challenge', async (_, fields) => {
    const response = await postToken(withSecret(), fields)
    expect(response.status).toBe(401)
    expect(response.headers.has('www-authenticate')).toBe(false)
  })

  it('may not authenticate in two ways at once', async () => {
    const headers = basic('web:1', SECRET)
    expect(await refusal(postToken(withSecret(), post(SECRET), { headers }))).toMatchObject({
      error: 'invalid_request',
    })
  })

  it('must use the method that the server demands', async () => {
    const tryBoth = async (server: AuthorizationServer) => [
      await status(postToken(server, GRANT, { headers: basic('web:1', SECRET) })),
      await status(postToken(server, post(SECRET))),
    ]
    expect(await tryBoth(withSecret('client_secret_basic'))).toEqual([200, 401])
    expect(await tryBoth(withSecret('client_secret_post'))).toEqual([401, 200])
    const { metadata } = withSecret('client_secret_post')
    expect(metadata.token_endpoint_auth_methods_supported).toEqual(['client_secret_post'])
  })
})

describe('a public client', () => {
  it('names itself, and that is all', async () => {
    const server = createAuthorizationServer({ clientId: 'cli' })
    const { refresh_token } = server.login()
    const fields = { grant_type: 'refresh_token', refresh_token }
    expect(await status(postToken(server, fields))).toBe(401)
    expect(await status(postToken(server, { ...fields, client_id: 'cli' }))).toBe(200)
  })

  it('has no credentials to get a token with', async () => {
    const server = createAuthorizationServer({ clientId: 'cli' })
    expect(await refusal(postToken(server, { ...GRANT, client_id: 'cli' }))).toMatchObject({
      error: 'unauthorized_client',
    })
  })
})

describe('a server without a client', () => {
  it('lets anybody in', async () => {
    const server = createAuthorizationServer()
    expect(await status(postToken(server, GRANT))).toBe(200)
    expect(await status(postToken(server, GRANT, { headers: basic('x', 'y') }))).toBe(200)
  })
})
