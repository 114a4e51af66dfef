import axios from 'axios'
import { tokenErrorOf, type TokenSource } from 'tokenward'
import { attachTokens, type OriginsContext } from 'tokenward/axios'
import { createFetch } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { ok, serve, unauthorized } from './support/server.js'
import { FakeSource } from './support/sources.js'

const origins = ({ extra }: OriginsContext) => [String(extra.instance_url)]

interface Outcome {
  status: number
  reason: unknown
}

const CLIENTS: [string, (source: TokenSource) => (url: string) => Promise<Outcome>][] = [
  [
    'axios',
    (source) => {
      const instance = attachTokens(axios.create({ validateStatus: () => true }), source, {
        origins,
      })
      return async (url) => {
        const response = await instance.get(url)
        return { status: response.status, reason: tokenErrorOf(response) }
      }
    },
  ],
  [
    'fetch',
    (source) => {
      const send = createFetch(source, { origins })
      return async (url) => {
        const response = await send(url)
        return { status: response.status, reason: tokenErrorOf(response) }
      }
    },
  ],
]

function tenantAt(origin: string): FakeSource {
  const source = new FakeSource('T1', 'T2')
  source.extra = { instance_url: origin }
  return source
}

describe.each(CLIENTS)('origins by the session, over %s', (_, clientOf) => {
  it('give the token to the tenant’s own host, and to no other tenant’s', async () => {
    const mine = await serve((_request, response) => ok(response))
    const theirs = await serve((_request, response) => unauthorized(response))
    const send = clientOf(tenantAt(mine.origin))
    expect(await send(`${mine.origin}/a`)).toMatchObject({ status: 200 })
    expect(mine.seen[0]?.authorization).toBe('Bearer T1')
    const outcome = await send(`${theirs.origin}/a`)
    expect(theirs.seen.map(({ authorization }) => authorization)).toEqual([undefined])
    expect(outcome).toMatchObject({ status: 401, reason: { reason: 'origin' } })
  })

  it('lead the replay to where the host moved in the refresh', async () => {
    const before = await serve((_request, response) => unauthorized(response))
    const after = await serve((_request, response) => ok(response))
    const source = tenantAt(before.origin)
    source.onRefresh = () => {
      source.extra = { instance_url: after.origin }
      source.token = 'T2'
      return Promise.resolve('T2')
    }
    expect(await clientOf(source)(`${before.origin}/a?b=c`)).toMatchObject({ status: 200 })
    expect(before.seen.map(({ authorization }) => authorization)).toEqual(['Bearer T1'])
    expect(after.seen).toMatchObject([{ url: '/a?b=c', authorization: 'Bearer T2' }])
  })

  it('wait for the token that tells them', async () => {
    const mine = await serve((_request, response) => ok(response))
    const source = tenantAt(mine.origin)
    source.token = undefined
    expect(await clientOf(source)(`${mine.origin}/a`)).toMatchObject({ status: 200 })
    expect(mine.seen[0]?.authorization).toMatch(/^Bearer /)
  })
})

describe('a function of origins', () => {
  it.each([
    ['throws', () => { throw new Error('x') }], // prettier-ignore
    ['gives none', () => []],
    ['gives what is no origin', () => ['https://*.example.com']],
  ])('that %s fails the request', async (_, bad) => {
    const instance = attachTokens(axios.create(), tenantAt('https://a.example'), { origins: bad })
    await expect(instance.get('https://a.example/')).rejects.toMatchObject({
      code: 'ERR_TOKEN_OPTIONS',
    })
  })
})
