import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixedToken } from 'tokenward'
import { createFetch } from 'tokenward/fetch'
import { form } from '../../../behaviour/support/http-arbitrary.js'
import { FakeSource } from '../support/sources.js'

const API = 'https://api.example.com'
const TOKEN = 'a-token'

describe('whatever the URL', () => {
  it('only its origin gets the token', async () => {
    const seen: { origin: string; hasToken: boolean }[] = []
    const platform = async (input: string | URL | Request, init?: RequestInit) => {
      const request = new Request(input, init) // parses as the platform does
      const { origin } = new URL(request.url)
      seen.push({ origin, hasToken: [...request.headers].flat().join().includes(TOKEN) })
      return new Response()
    }
    const send = createFetch(fixedToken(TOKEN), { origins: [API], fetch: platform })
    const pieces = fc.constantFrom('https:', 'HTTPS:', 'http:', '/', '//', '\\', '@', ':', '?', '#', '.', ' ', '\t', '%2f', 'a:b@', '..', ':443', ':8443', ':80', 'api.example.com', 'API.EXAMPLE.COM', 'api.example.com.', 'evil.example', 'x') // prettier-ignore
    const text = fc.array(pieces, { maxLength: 7 }).map((parts) => parts.join(''))
    const url = fc.oneof(
      text,
      text.map((end) => `https://${end}`),
      text.map((end) => `${API}${end}`),
    )
    await fc.assert(
      fc.asyncProperty(url, async (to) => {
        seen.length = 0
        await send(to).catch(() => undefined)
        for (const { origin, hasToken } of seen) if (hasToken) expect(origin).toBe(API)
        return seen.length > 0 ? undefined : fc.pre(false)
      }),
      { numRuns: 1000, maxSkipsPerRun: 100 },
    )
    await send(`${API}/me`)
    expect(seen.at(-1)).toEqual({ origin: API, hasToken: true })
  })
})

describe('wherever redirects lead', () => {
  const OURS = [API, 'https://files.example.com']
  const origin = fc.constantFrom(...OURS, 'https://evil.example', 'http://api.example.com')

  it('the token goes along until they leave its origins, and comes back never', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(origin, { maxLength: 6 }),
        fc.constantFrom(301, 302, 303, 307, 308),
        fc.constantFrom('Authorization', 'X-Token'),
        async (journey, status, header) => {
          const stops = [API, ...journey]
          const seen: boolean[] = []
          /** Follows by itself, as a platform does, where it is let. */
          const platform = async (input: string | URL | Request, init?: RequestInit) => {
            for (;;) {
              const at = seen.length
              const headers = new Headers(init?.headers)
              if (at === 0 || init?.redirect === 'manual') expect(input).toBe(`${stops[at]}/${at}`)
              seen.push(headers.get(header)?.includes(TOKEN) === true)
              if (at === stops.length - 1) return new Response('there')
              const location = `${stops[at + 1]}/${at + 1}`
              if (init?.redirect !== 'follow') {
                return new Response(null, { status, headers: { location } })
              }
            }
          }
          const send = createFetch(fixedToken(TOKEN), { origins: OURS, header, fetch: platform })
          expect(await (await send(`${API}/0`)).text()).toBe('there')
          const left = stops.findIndex((stop) => !OURS.includes(stop))
          expect(seen).toEqual(stops.map((_, at) => left === -1 || at < left))
        },
      ),
    )
  })
})

describe('whatever the request', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 })
  const bytes = fc.uint8Array({ maxLength: 64 })
  const word = fc.stringMatching(/^[a-z][a-z-]{0,8}$/)
  const body = fc.oneof(
    text,
    fc.dictionary(word, text).map((fields) => new URLSearchParams(fields)),
    fc
      .dictionary(
        word,
        fc.oneof(
          text,
          bytes.map((part) => new Blob([part])),
        ),
      )
      .map(form),
    bytes,
    bytes.map((part) => part.slice().buffer),
    bytes.map((part) => new Blob([part], { type: 'x/y' })),
  )
  const request = fc.record({
    method: fc.constantFrom('POST', 'put', 'PATCH', 'DELETE', 'PROPFIND'),
    headers: fc.dictionary(
      word.map((name) => `x-${name}`),
      fc.stringMatching(/^[!-~]{0,12}$/),
    ),
    body,
    isRequest: fc.boolean(),
  })

  it('its replay is the same, but for the token', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ isRequest, ...init }) => {
        const seen: unknown[] = []
        const platform = async (input: string | URL | Request, given?: RequestInit) => {
          const sent = new Request(input, given)
          const { authorization, ...headers } = Object.fromEntries(sent.headers)
          const content = Buffer.from(await sent.arrayBuffer()).toString('latin1')
          seen.push({ url: sent.url, method: sent.method, headers, content })
          return new Response(null, { status: authorization === 'Bearer T2' ? 200 : 401 })
        }
        const send = createFetch(new FakeSource('T1', 'T2'), { origins: [API], fetch: platform })
        const url = `${API}/x?y=1`
        const { status } = await (isRequest ? send(new Request(url, init)) : send(url, init))
        expect([status, seen.length]).toEqual([200, 2])
        expect(seen[1]).toEqual(seen[0])
      }),
      { numRuns: 200 },
    )
  })
})
