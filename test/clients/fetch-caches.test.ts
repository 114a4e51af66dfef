import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import CachePolicy from 'http-cache-semantics'
import ky from 'ky'
import makeFetchHappen from 'make-fetch-happen'
import { fixedToken, type TokenSource } from 'tokenward'
import { createFetch, sessionStandIn, type TokenFetch } from 'tokenward/fetch'
import { Agent, fetch as undiciFetch, interceptors } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  cacheableApi,
  FOR_ANYBODY,
  FOR_EACH_USER,
  SHARED_FOR_EACH_USER,
} from './support/cacheable-api.js'

type Fetch = typeof globalThis.fetch

/** Two users' tokens, which stay what they are. */
const tokensOf: Record<string, TokenSource> = {
  alice: fixedToken('token-of-alice'),
  bob: fixedToken('token-of-bob'),
}
const names = ['alice', 'bob', 'bob', 'alice', 'alice']
const theirOwn = names.map((name) => `Bearer token-of-${name}`)

/** A `fetch` that caches, for ours to send with. */
type Caching = () => Fetch

const withUndici: (...composed: Parameters<Agent['compose']>) => Fetch = (...composed) => {
  const dispatcher = new Agent().compose(...composed)
  onTestFinished(() => dispatcher.close())
  return (input, init) => undiciFetch(input as string, { ...init, dispatcher } as never) as never
}

/** Keeps what it caches in files. */
function withMakeFetchHappen(cachePath = temporaryFolder()): Fetch {
  return (input, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers)) // it takes no `Headers`
    return makeFetchHappen(input as string, { ...init, headers, cachePath } as never) as never
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cache-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

/** ky over our `fetch` over one that caches: what a request is told apart by is its token. */
function kyAbove(cached: Fetch, origin: string): (name: string) => Promise<string> {
  const shared = createFetch(undefined, { origins: [origin], fetch: cached })
  return async (name) => {
    const apiFetch: Fetch = (input, init) => shared(input, { ...init, tokens: tokensOf[name] })
    const client = ky.create({ fetch: apiFetch })
    return (await client.get(`${origin}/me`).json<{ seen: string }>()).seen
  }
}

const caches: [string, Record<string, string>, Caching][] = [
  ['undici’s', SHARED_FOR_EACH_USER, () => withUndici(interceptors.cache())],
  ['make-fetch-happen', FOR_EACH_USER, () => withMakeFetchHappen()],
]

describe.each(caches)('one cache below our fetch, for all users: %s', (_, headers, create) => {
  it('gives nobody another’s data, one after the other', async () => {
    const api = await cacheableApi(headers)
    const seenBy = kyAbove(create(), api.origin)
    const seen: string[] = []
    for (const name of names) seen.push(await seenBy(name))
    expect(seen).toEqual(theirOwn)
    expect(api.seen.length).toBeLessThan(names.length)
  })

  it('keeps users apart who ask at once', async () => {
    const api = await cacheableApi(headers)
    const seenBy = kyAbove(create(), api.origin)
    expect(await Promise.all(names.map(seenBy))).toEqual(theirOwn)
  })
})

it('undici’s deduplicator below our fetch keeps users apart, and joins a user’s own requests', async () => {
  const api = await cacheableApi({})
  const seenBy = kyAbove(withUndici(interceptors.deduplicate()), api.origin)
  expect(await Promise.all(names.map(seenBy))).toEqual(theirOwn)
  expect(api.seen.length).toBeLessThan(names.length)
})

describe('what a cache below our fetch needs', () => {
  it('is to be in memory: it keeps the token where the API says Vary', async () => {
    const api = await cacheableApi(FOR_EACH_USER)
    const folder = temporaryFolder()
    await kyAbove(withMakeFetchHappen(folder), api.origin)('alice')
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    const texts = files
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    expect(texts.join()).toContain('"authorization":"Bearer token-of-alice"')
  })

  it('is to be of one session where the API does not say Vary, since one for all mixes them', async () => {
    const api = await cacheableApi(FOR_ANYBODY)
    const forAll = kyAbove(withMakeFetchHappen(), api.origin)
    await forAll('alice')
    expect(await forAll('bob')).toBe('Bearer token-of-alice')
    const ofEach = new Map(
      Object.keys(tokensOf).map((name) => [name, kyAbove(withMakeFetchHappen(), api.origin)]),
    )
    for (const name of names) expect(await ofEach.get(name)!(name)).toBe(`Bearer token-of-${name}`)
  })
})

/** By the semantics of HTTP, in memory: above our `fetch`, which it sends with. */
function caching(send: Fetch): Fetch & { readonly kept: () => string } {
  const entries = new Map<string, { policy: CachePolicy; response: Promise<Response> }>()
  const cached: Fetch = async (input, init) => {
    const request = new Request(input, init)
    const { url, method } = request
    const asked = { url, method, headers: Object.fromEntries(request.headers) }
    const known = entries.get(url)
    if (known?.policy.satisfiesWithoutRevalidation(asked)) return (await known.response).clone()
    const response = await send(request, init)
    const headers = Object.fromEntries(response.headers)
    const policy = new CachePolicy(asked, { status: response.status, headers }, { shared: false })
    if (policy.storable()) entries.set(url, { policy, response: Promise.resolve(response.clone()) })
    return response
  }
  const kept = () => JSON.stringify([...entries.values()].map(({ policy }) => policy.toObject()))
  return Object.assign(cached, { kept })
}

/** A deduplicator that keeps apart what the header tells apart. */
function joining(send: Fetch): Fetch {
  const underWay = new Map<string, Promise<Response>>()
  return async (input, init) => {
    const request = new Request(input, init)
    const key = `${request.url} ${request.headers.get('authorization')}`
    const sent = underWay.get(key) ?? send(request, init).finally(() => underWay.delete(key))
    underWay.set(key, sent)
    return (await sent).clone()
  }
}

describe('ky over a cache or a deduplicator above our fetch, with the stand-in of the session', () => {
  /** As in docs/guide/clients.md. */
  const standInHook = (tokens: TokenSource) => (request: Request) =>
    request.headers.set('authorization', sessionStandIn(tokens))

  const world = async (above: (send: Fetch) => Fetch) => {
    const api = await cacheableApi(FOR_EACH_USER)
    const byUser: TokenFetch = createFetch(({ headers }) => tokensOf[headers.get('x-user')!], {
      origins: [api.origin],
    })
    const cached = above(byUser)
    const seenBy = async (name: string) => {
      const hooks = { beforeRequest: [standInHook(tokensOf[name]!)] }
      const client = ky.create({ fetch: cached, headers: { 'x-user': name }, hooks })
      return (await client.get(`${api.origin}/me`).json<{ seen: string }>()).seen
    }
    return { api, seenBy }
  }

  it('gives nobody another’s data, one after the other, and keeps no token', async () => {
    let cached!: ReturnType<typeof caching>
    const { api, seenBy } = await world((send) => (cached = caching(send)))
    const seen: string[] = []
    for (const name of names) seen.push(await seenBy(name))
    expect(seen).toEqual(theirOwn)
    expect(api.seen.length).toBeLessThan(names.length)
    expect(cached.kept()).toContain('tokenward-session')
    expect(cached.kept()).not.toContain('token-of-')
  })

  it('keeps users apart who ask at once, and joins a user’s own requests', async () => {
    const { api, seenBy } = await world(joining)
    expect(await Promise.all(names.map(seenBy))).toEqual(theirOwn)
    expect(api.seen.length).toBe(2)
  })
})
