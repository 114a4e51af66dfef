import { expect, it } from 'vitest'
import { TokenManager, type TokenSet } from 'tokenward'
import { createFetch, isGraphqlUnauthenticated, type TokenFetch } from 'tokenward/fetch'
import { ok, protectedApi, serve, type TestServer } from '../../unit/http/support/server.js'

/** An API that takes the second token, and a session that holds the first. */
export interface ClientWorld {
  readonly api: TestServer
  /** Another site, which is to see no token. */
  readonly stranger: TestServer
  readonly tokens: TokenManager
  /** Sends the session's token to the API alone. */
  readonly apiFetch: TokenFetch
  /** How many token requests there were. */
  readonly refreshes: () => number
  /** What the API was sent, without the scheme. */
  readonly seen: () => (string | undefined)[]
}

interface WorldOptions {
  /** `refused`: fresh by the clock, and refused by the API. @default 'refused' */
  readonly first?: 'refused' | 'expired'
  readonly api?: TestServer
}

export async function clientWorld({ first = 'refused', api }: WorldOptions = {}) {
  const server = api ?? (await protectedApi('T2', 'Bearer error="invalid_token"'))
  const stranger = await serve((_, response) => ok(response))
  let count = 0
  const tokens = new TokenManager({
    initialTokens: { accessToken: 'T1', refreshToken: 'R1', expiresAt: expiry(first) },
    refresh: async ({ refreshToken }) => {
      count++
      expect(refreshToken).toBe('R1')
      return { accessToken: 'T2', refreshToken: 'R2', expiresIn: 3600 }
    },
  })
  const origins = [server.origin]
  const isRejected = (response: Response) => isGraphqlUnauthenticated(response)
  return {
    api: server,
    stranger,
    tokens,
    apiFetch: createFetch(tokens, { origins, isRejected }),
    refreshes: () => count,
    seen: () => server.seen.map(({ authorization }) => authorization?.replace('Bearer ', '')),
  } satisfies ClientWorld
}

function expiry(first: 'refused' | 'expired'): TokenSet['expiresAt'] {
  return first === 'expired' ? Date.now() - 1_000 : Date.now() + 3_600_000
}

/**
 * What every client that gets our `fetch`, or an instance that tokens are attached to, keeps.
 *
 * @param connect - makes the client; what it gives sends one request to a URL
 */
export function keepsTheLaws(
  connect: (world: ClientWorld) => (url: string) => Promise<unknown>,
): void {
  it('renews a refused token once for five requests at once, and sends each again', async () => {
    const world = await clientWorld()
    const send = connect(world)
    const urls = Array.from({ length: 5 }, (_, index) => `${world.api.origin}/items/${index}`)
    await Promise.all(urls.map((url) => send(url)))
    expect(world.refreshes()).toBe(1)
    const accepted = world.api.seen.filter(({ authorization }) => authorization === 'Bearer T2')
    expect(accepted.map(({ url }) => url).sort()).toEqual(urls.map((url) => new URL(url).pathname))
  })

  it('sends no expired token', async () => {
    const world = await clientWorld({ first: 'expired' })
    await connect(world)(`${world.api.origin}/items/1`)
    expect(world.seen()).toEqual(['T2'])
  })

  it('sends no token to another site, nor where a redirect leads to one', async () => {
    const api = await serve(({ url }, response) =>
      url.startsWith('/moved')
        ? response.writeHead(302, { location: `${world.stranger.origin}/here` }).end()
        : ok(response),
    )
    const world = await clientWorld({ api })
    const send = connect(world)
    await send(`${world.stranger.origin}/there`)
    await send(`${api.origin}/moved`)
    expect(world.stranger.seen.map(({ url, authorization }) => [url, authorization])).toEqual([
      ['/there', undefined],
      ['/here', undefined],
    ])
  })
}

/** A GraphQL API: with status 200, whatever it says. */
export async function graphqlApi(): Promise<TestServer> {
  return serve(({ authorization }, response) =>
    ok(
      response,
      authorization === 'Bearer T2'
        ? { data: { me: { __typename: 'User', id: '1' } } }
        : { errors: [{ message: 'No', extensions: { code: 'UNAUTHENTICATED' } }] },
    ),
  )
}
