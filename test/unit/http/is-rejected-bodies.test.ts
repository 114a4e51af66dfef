import axios, { type AxiosResponse, type ResponseType } from 'axios'
import { text } from 'node:stream/consumers'
import { tokenErrorOf } from 'tokenward'
import { attachTokens, isGraphqlUnauthenticated } from 'tokenward/axios'
import { createFetch } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { serve } from './support/server.js'
import { FakeSource } from './support/sources.js'

const EXPIRED = JSON.stringify({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
const DATA = JSON.stringify({ data: { me: 'x'.repeat(1_000) } })

/** A GraphQL server: 200 for everything, the body says the rest, in pieces. */
function graphql(good = DATA, type = 'application/json') {
  return serve((request, response) => {
    const isGood = request.authorization === 'Bearer T2'
    response.writeHead(200, { 'content-type': isGood ? type : 'application/json' })
    const body = isGood ? good : EXPIRED
    response.write(body.slice(0, 10))
    setImmediate(() => response.end(body.slice(10)))
  })
}

const BODIES: [ResponseType, 'http' | 'fetch', (data: unknown) => Promise<string> | string][] = [
  ['json', 'http', (data) => JSON.stringify(data)],
  ['text', 'http', String],
  ['arraybuffer', 'http', String],
  ['stream', 'http', (data) => text(data as AsyncIterable<Uint8Array>)],
  ['arraybuffer', 'fetch', (data) => new TextDecoder().decode(data as ArrayBuffer)],
  ['blob', 'fetch', (data) => (data as Blob).text()],
  ['stream', 'fetch', (data) => new Response(data as ReadableStream).text()],
]

describe.each(BODIES)('isRejected with responseType %s over %s', (responseType, adapter, read) => {
  const attached = (baseURL: string) =>
    attachTokens(axios.create({ baseURL, responseType, adapter }), new FakeSource('T1', 'T2'), {
      isRejected: isGraphqlUnauthenticated,
    })

  it('sees what the JSON says, and the caller gets the whole body', async () => {
    const api = await graphql()
    const { data } = await attached(api.origin).post<unknown>('/graphql', { query: '{ me }' })
    expect(await read(data)).toBe(DATA)
    expect(api.seen).toHaveLength(2)
  })

  it.each([
    ['longer than is read ahead', JSON.stringify({ data: 'x'.repeat(300_000) })],
    ['no JSON after all', 'x'.repeat(100)],
  ])('gives on a body that is %s, whole', async (_, body) => {
    const api = await graphql(body)
    const { data } = await attached(api.origin).post<unknown>('/graphql', {})
    expect((await read(data)).length).toBeGreaterThanOrEqual(body.length)
  })
})

describe('isRejected', () => {
  const failing = (isRejected: (response: AxiosResponse) => boolean | Promise<boolean>) =>
    graphql().then(({ origin }) =>
      attachTokens(axios.create({ baseURL: origin }), new FakeSource('T1', 'T2'), { isRejected })
        .get('/')
        .catch(tokenErrorOf),
    )

  it.each([
    ['throws', () => { throw new Error('Bearer T1') }], // prettier-ignore
    ['rejects', () => Promise.reject(new Error('Bearer T1'))],
  ])('of axios that %s fails the request, saying so', async (_, isRejected) => {
    expect(await failing(isRejected)).toMatchObject({ code: 'ERR_TOKEN_OPTIONS' })
  })

  it('may be a promise with axios too', async () => {
    expect(await failing((response) => Promise.resolve(isGraphqlUnauthenticated(response)))).toMatchObject({ data: JSON.parse(DATA) as unknown }) // prettier-ignore
  })

  it('with createFetch reads GraphQL too, from a copy', async () => {
    const { origin } = await graphql()
    const source = new FakeSource('T1', 'T2')
    const send = createFetch(source, { origins: [origin], isRejected: isGraphqlUnauthenticated })
    expect(await (await send(`${origin}/graphql`, { method: 'POST', body: '{}' })).text()).toBe(
      DATA,
    )
  })

  it('reads no more than a beginning of GraphQL that does not end, or does not go on', async () => {
    const headers = { 'content-type': 'application/graphql-response+json' }
    let pulls = 0
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      pulls += 1
      controller.enqueue(new Uint8Array(16 * 1024).fill(32))
    }
    const endless = new Response(new ReadableStream({ pull }), { headers })
    expect(await isGraphqlUnauthenticated(endless)).toBe(false)
    expect(pulls).toBeLessThan(10)

    let goOn!: () => void
    const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      controller.enqueue(new TextEncoder().encode('{"errors":'))
      goOn = () => (controller.enqueue(new TextEncoder().encode('[]}')), controller.close())
    }
    const stuck = new Response(new ReadableStream({ start }), { headers })
    expect(await isGraphqlUnauthenticated(stuck)).toBe(false)
    goOn()
    expect(await stuck.text()).toBe('{"errors":[]}')
  })

  it('with createFetch sees a redirect to a sign-in page before it is followed', async () => {
    const api = await serve((request, response) => {
      const isGood = request.authorization === 'Bearer T2'
      if (isGood) response.end('ok')
      else response.writeHead(302, { location: 'http://127.0.0.1:1/signin' }).end()
    })
    const send = createFetch(new FakeSource('T1', 'T2'), {
      origins: [api.origin],
      isRejected: ({ status }) => status === 302,
    })
    expect(await (await send(api.origin)).text()).toBe('ok')
  })
})
