import { describe, expect, it } from 'vitest'
import { createAuthorizationServer } from 'tokenward/testing'
import { callApi } from './requests.js'

describe('a protected API', () => {
  it('answers who the token speaks for', async () => {
    const server = createAuthorizationServer()
    const { access_token } = server.login({ sub: 'alice', scope: 'read' })
    const response = await callApi(server, access_token)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      sub: 'alice',
      scope: 'read',
      method: 'GET',
      path: '/me',
    })
    expect(server.stats).toMatchObject({ apiRequests: 1, apiRejections: 0 })
  })

  it('answers 401 invalid_token to a token that is not good', async () => {
    const server = createAuthorizationServer()
    const response = await callApi(server, 'stale')
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    expect(server.stats).toMatchObject({ apiRequests: 1, apiRejections: 1 })
  })

  it('answers a request without a token with a bare challenge (RFC 6750 §3.1)', async () => {
    const response = await callApi(createAuthorizationServer())
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })

  it('is also found under /api of the server itself', async () => {
    const server = createAuthorizationServer()
    const headers = { authorization: `bearer ${server.login().access_token}` }
    for (const path of ['/api', '/api/orders?limit=1']) {
      expect((await server.fetch(server.issuer + path, { headers })).status).toBe(200)
    }
    expect((await server.fetch(`${server.issuer}/apiary`, { headers })).status).toBe(404)
    expect(server.requests.map((request) => request.path)).toEqual(['/api', '/api/orders'])
  })

  it('protects a handler of the test, which reads the body', async () => {
    const server = createAuthorizationServer()
    const api = server.protect(async (request, { sub }) =>
      Response.json({ sub, body: await request.text() }),
    )
    const call = (token: string) =>
      api(
        new Request('https://api.example.com/orders', {
          method: 'POST',
          body: 'two apples',
          headers: { authorization: `Bearer ${token}` },
        }),
      )
    const { access_token } = server.login({ sub: 'alice' })
    expect(await (await call(access_token)).json()).toEqual({ sub: 'alice', body: 'two apples' })
    expect((await call('stale')).status).toBe(401)
  })

  it('passes on what a handler of the test throws', async () => {
    const server = createAuthorizationServer()
    const api = server.protect(() => {
      throw new Error('a bug in the test')
    })
    const headers = { authorization: `Bearer ${server.login().access_token}` }
    const request = new Request('https://api.example.com/', { headers })
    await expect(api(request)).rejects.toThrow('a bug in the test')
    expect(server.requests[0]!.outcome).toBe('failed')
  })
})
