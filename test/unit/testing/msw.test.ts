import axios from 'axios'
import { http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createAuthorizationServer, mswResolver, type TokenResponse } from 'tokenward/testing'

const server = createAuthorizationServer()
const network = setupServer(
  http.all('https://auth.example.com/*', mswResolver(server.handle)),
  http.all('https://api.example.com/*', mswResolver(server.api)),
)

beforeAll(() => network.listen({ onUnhandledRequest: 'error' }))
afterEach(() => server.reset())
afterAll(() => network.close())

const form = (refreshToken: string) =>
  new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken })

describe('behind msw', () => {
  it('answers fetch and axios', async () => {
    const { refresh_token } = server.login({ sub: 'alice' })
    const { data } = await axios.post<TokenResponse>(
      server.metadata.token_endpoint,
      form(refresh_token),
    )
    const headers = { authorization: `Bearer ${data.access_token}` }
    const me = await axios.get('https://api.example.com/me', { headers })
    expect(me.data).toMatchObject({ sub: 'alice' })
    const answer = await fetch(server.metadata.token_endpoint, {
      method: 'POST',
      body: form(data.refresh_token!),
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('date')).not.toBeNull()
  })

  it('breaks the connection of axios', async () => {
    server.next({ drop: true })
    const request = axios.post(server.metadata.token_endpoint, form('any'))
    const failure = await request.catch((error: unknown) => error)
    expect(axios.isAxiosError(failure) && failure.response === undefined).toBe(true)
  })

  it('breaks the connection of fetch', async () => {
    server.next({ drop: true })
    const request = fetch(server.metadata.token_endpoint, { method: 'POST', body: form('any') })
    await expect(request).rejects.toThrow(TypeError)
  })

  it('hangs until fetch gives up', async () => {
    const caller = new AbortController()
    const gate = server.hold()
    const request = fetch(server.metadata.token_endpoint, {
      method: 'POST',
      body: form('any'),
      signal: caller.signal,
    })
    await gate.arrived
    caller.abort()
    await expect(request).rejects.toMatchObject({ name: 'AbortError' })
    expect(server.requests[0]!.outcome).toBe('aborted')
  })

  it('lets msw print nothing', async () => {
    const printed = [vi.spyOn(console, 'error'), vi.spyOn(console, 'warn')]
    server.next({ drop: true })
    await expect(fetch(server.metadata.token_endpoint, { method: 'POST' })).rejects.toThrow()
    for (const spy of printed) expect(spy).not.toHaveBeenCalled()
  })

  it('also answers as a bare handler, which msw prints a warning for', async () => {
    const printed = vi.spyOn(console, 'error').mockReturnValue()
    vi.spyOn(console, 'warn').mockReturnValue()
    network.use(http.all('https://bare.example/*', ({ request }) => server.handle(request)))
    server.next({ drop: true })
    await expect(axios.post('https://bare.example/token')).rejects.toMatchObject({
      code: 'ECONNRESET',
    })
    expect(printed).toHaveBeenCalled()
  })

  it('passes on what a handler of the test throws', async () => {
    const resolve = mswResolver(() => {
      throw new Error('a bug in the test')
    })
    const request = new Request('https://api.example.com/')
    await expect(resolve({ request })).rejects.toThrow('a bug in the test')
  })
})
