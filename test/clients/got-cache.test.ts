import got, { type Got } from 'got'
import { fixedToken, type TokenSource } from 'tokenward'
import { describe, expect, it } from 'vitest'
import {
  cacheableApi,
  FOR_ANYBODY,
  FOR_EACH_USER,
  SHARED_FOR_EACH_USER,
} from './support/cacheable-api.js'

type Cache = Map<string, unknown>

/** The hook of docs/guide/clients.md, and got's own cache, which is always below it. */
function client(cache: Cache, isShared: boolean): Got {
  return got.extend({
    cache,
    cacheOptions: { shared: isShared },
    hooks: {
      beforeRequest: [
        async (options) => {
          const { tokens } = options.context as { tokens: TokenSource }
          options.headers.authorization = `Bearer ${await tokens.getAccessToken()}`
        },
      ],
    },
  })
}

async function seenBy(with_: Got, url: string, name: string): Promise<string> {
  const context = { tokens: fixedToken(`token-of-${name}`) }
  return (await with_(url, { context }).json<{ seen: string }>()).seen
}

const names = ['alice', 'bob', 'bob', 'alice', 'alice']
const theirOwn = names.map((name) => `Bearer token-of-${name}`)

const apis: [string, Record<string, string>, boolean][] = [
  ['a private cache', FOR_EACH_USER, false],
  ['a shared cache', SHARED_FOR_EACH_USER, true],
]

describe.each(apis)('one got for all users, with %s', (_, headers, isShared) => {
  it('gives nobody another’s data, one after the other', async () => {
    const api = await cacheableApi(headers)
    const withGot = client(new Map(), isShared)
    const seen: string[] = []
    for (const name of names) seen.push(await seenBy(withGot, `${api.origin}/me`, name))
    expect(seen).toEqual(theirOwn)
    expect(api.seen.length).toBeLessThan(names.length)
  })

  it('keeps users apart who ask at once', async () => {
    const api = await cacheableApi(headers)
    const withGot = client(new Map(), isShared)
    const seen = names.map((name) => seenBy(withGot, `${api.origin}/me`, name))
    expect(await Promise.all(seen)).toEqual(theirOwn)
  })
})

describe('what got’s cache needs', () => {
  it('is in memory: it keeps the token where the API says Vary', async () => {
    const api = await cacheableApi(FOR_EACH_USER)
    const cache: Cache = new Map()
    await seenBy(client(cache, false), `${api.origin}/me`, 'alice')
    expect(JSON.stringify([...cache.values()])).toContain('token-of-alice')
  })

  it('is one for each session where the API does not say Vary, since one for all mixes them', async () => {
    const api = await cacheableApi(FOR_ANYBODY)
    const url = `${api.origin}/me`
    const forAll = client(new Map(), false)
    await seenBy(forAll, url, 'alice')
    expect(await seenBy(forAll, url, 'bob')).toBe('Bearer token-of-alice')
    const ofEach = { alice: client(new Map(), false), bob: client(new Map(), false) }
    for (const name of ['alice', 'bob', 'alice'] as const) {
      expect(await seenBy(ofEach[name], url, name)).toBe(`Bearer token-of-${name}`)
    }
  })

  it('is nothing more where it is shared, as by default: it keeps no response that is not public', async () => {
    const api = await cacheableApi(FOR_ANYBODY)
    const withGot = client(new Map(), true)
    for (const name of names) {
      expect(await seenBy(withGot, `${api.origin}/me`, name)).toBe(`Bearer token-of-${name}`)
    }
  })
})
