import axios from 'axios'
import { fixedToken, isTokenError, tokenErrorOf, TokenOptionsError } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { createFetch } from 'tokenward/fetch'
import { inspect } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { ok, serve, unauthorized, type TestServer } from './support/server.js'
import { FakeSource } from './support/sources.js'

interface Answered {
  status: number
  reason: unknown
}
type Ask = (api: TestServer, source: FakeSource, url?: string) => Promise<Answered>

const clients: [string, Ask][] = [
  [
    'axios',
    async (api, source, url = `${api.origin}/me`) => {
      const instance = attachTokens(axios.create(), source, { origins: [api.origin] })
      const response = await instance.get(url, { validateStatus: () => true, maxRedirects: 8 })
      return { status: response.status, reason: tokenErrorOf(response) }
    },
  ],
  [
    'fetch',
    async (api, source, url = `${api.origin}/me`) => {
      const response = await createFetch(source, { origins: [api.origin] })(url)
      return { status: response.status, reason: tokenErrorOf(response) }
    },
  ],
]

describe.each(clients)('what servers send, by %s', (_name, ask) => {
  it('a short token that is quoted in a challenge is in no error', async () => {
    const source = new FakeSource('s3cr3t-9')
    const api = await serve(({ authorization }, response) =>
      unauthorized(response, `Bearer error="no ${authorization!.slice(7)}"`),
    )
    const { status, reason } = await ask(api, source)
    expect(status).toBe(401)
    expect(isTokenError(reason)).toBe(true)
    expect((reason as Error).message).toContain('no [redacted]')
    expect(inspect(reason)).not.toContain('s3cr3t-9')
  })

  it('fifty challenges with open quotes are a 401 like another', async () => {
    const source = new FakeSource('T1', 'T2')
    const challenges = Array.from({ length: 50 }, (_, index) => `Scheme${index} realm="open`)
    const api = await serve((_, response) => unauthorized(response, challenges))
    const { status } = await ask(api, source)
    expect(status).toBe(401)
    expect(api.seen.length).toBeLessThanOrEqual(2)
  })

  it('a redirect loop ends, and each round is at the bound origin', async () => {
    const source = new FakeSource('T1')
    const api = await serve(({ url }, response) =>
      response.writeHead(302, { location: url === '/a' ? '/b' : '/a' }).end(),
    )
    await expect(ask(api, source, `${api.origin}/a`)).rejects.toThrow(/redirect|fetch failed/i)
    expect(api.seen.length).toBeLessThanOrEqual(22)
  })
})

describe('a `format` with a line break', () => {
  it('is refused before anything is sent', async () => {
    const api = await serve((_, response) => ok(response))
    const format = (token: string) => `Bearer ${token}\r\nx: y`
    const options = { origins: [api.origin], format }
    const instance = attachTokens(axios.create(), fixedToken('T1'), options)
    await expect(instance.get(api.origin)).rejects.toBeInstanceOf(TokenOptionsError)
    const send = createFetch(fixedToken('T1'), options)
    await expect(send(api.origin)).rejects.toBeInstanceOf(TokenOptionsError)
    expect(api.seen).toHaveLength(0)
  })
})

describe('what was put on every object there is', () => {
  const everyObject = Object.prototype as { tokens?: unknown }
  afterEach(() => void delete everyObject.tokens)

  it('is no source of a request', async () => {
    const api = await serve((_, response) => ok(response))
    everyObject.tokens = fixedToken('EVIL')
    const options = { origins: [api.origin] }
    await attachTokens(axios.create(), fixedToken('T1'), options).get(api.origin)
    await createFetch(fixedToken('T1'), options)(api.origin, {})
    delete everyObject.tokens
    expect(api.seen.map(({ authorization }) => authorization)).toEqual(['Bearer T1', 'Bearer T1'])
  })
})
