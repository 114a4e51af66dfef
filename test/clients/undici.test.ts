import { Agent, fetch as undiciFetch, interceptors, request, type Dispatcher } from 'undici'
import { createFetch } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { ok, serve, type TestServer } from '../unit/http/support/server.js'
import { clientWorld, keepsTheLaws } from './support/world.js'

type DispatchOptions = Dispatcher.DispatchOptions

describe('undici’s own fetch, under ours', () => {
  keepsTheLaws(({ api, tokens }) => {
    const client = createFetch(tokens, { origins: [api.origin], fetch: undiciFetch })
    return async (url) => (await client(url)).json()
  })

  it('takes a dispatcher of the caller’s', async () => {
    const { api, tokens } = await clientWorld()
    let count = 0
    const dispatcher = new Agent().compose((dispatch) => (options, handler) => {
      count++
      return dispatch(options, handler)
    })
    const client = createFetch(tokens, { origins: [api.origin], fetch: undiciFetch })
    await client(`${api.origin}/me`, { dispatcher } as RequestInit)
    expect(count).toBe(2)
    await dispatcher.close()
  })
})

// docs/decisions/0062-no-interceptor-for-undici.md
describe('an interceptor, which ours would be', () => {
  /** As it must be written: a token may have to be waited for before the request goes on. */
  const waiting =
    (token: Promise<string>, seen: DispatchOptions[]): Dispatcher.DispatcherComposeInterceptor =>
    (dispatch) =>
    (options, handler) => {
      seen.push({ ...options })
      void token.then((value) => {
        const headers = { ...(options.headers as object), authorization: `Bearer ${value}` }
        dispatch({ ...options, headers }, handler)
      })
      return true
    }

  it('cannot let go a caller who aborts while it waits', async () => {
    const api = await serve((_, response) => ok(response))
    let renewed = (_token: string) => {}
    const token = new Promise<string>((resolve) => (renewed = resolve))
    const dispatcher = new Agent().compose(waiting(token, []))
    const aborting = new AbortController()
    let isOver = false
    const sent = request(`${api.origin}/me`, { dispatcher, signal: aborting.signal })
    const over = sent.catch((error: unknown) => error).finally(() => (isOver = true))
    aborting.abort(new Error('enough'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOver).toBe(false)
    renewed('T1')
    expect(await over).toMatchObject({ message: 'enough' })
    await dispatcher.close()
  })

  it('cannot tell a request from a redirect that comes back from another site', async () => {
    const stranger = await serve((_, response) =>
      response.writeHead(302, { location: `${api.origin}/back` }).end(),
    )
    const api: TestServer = await serve(({ url }, response) =>
      url === '/me' ? response.writeHead(302, { location: stranger.origin }).end() : ok(response),
    )
    const seen: DispatchOptions[] = []
    const ours = waiting(Promise.resolve('T1'), seen)
    const dispatcher = new Agent().compose(ours, interceptors.redirect({ maxRedirections: 5 }))
    const redirected = await request(`${api.origin}/me`, { dispatcher })
    await redirected.body.dump()
    const fresh = await request(`${api.origin}/back`, { dispatcher, headers: {}, query: undefined })
    await fresh.body.dump()
    expect(seen.map(({ origin, path }) => `${String(origin)}${path}`)).toEqual([
      `${api.origin}/me`,
      `${stranger.origin}/`,
      `${api.origin}/back`,
      `${api.origin}/back`,
    ])
    const shown = (options: DispatchOptions | undefined) => Object.keys(options ?? {}).sort()
    expect(shown(seen[2]).filter((name) => !shown(seen[3]).includes(name))).toEqual([])
    await dispatcher.close()
  })
})
