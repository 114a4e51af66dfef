import axios from 'axios'
import { RefreshRejectedError, StepUpRequiredError, tokenErrorOf } from 'tokenward'
import { attachTokens } from 'tokenward/axios'
import { createFetch } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { ok, serve, unauthorized, type TestServer } from './support/server.js'
import { FakeSource } from './support/sources.js'

const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1"}}}'
const CHALLENGE = `Bearer error="insufficient_claims", claims="${btoa(CLAIMS)}"`

/** What became of one request: its status, and why a 401 was passed on. */
const clients: [string, (api: TestServer, source: FakeSource) => Promise<[number, unknown]>][] = [
  [
    'axios',
    async (api, source) => {
      const instance = attachTokens(axios.create({ baseURL: api.origin }), source)
      const response = await instance.get('/me', { validateStatus: () => true })
      return [response.status, tokenErrorOf(response)]
    },
  ],
  [
    'fetch',
    async (api, source) => {
      const response = await createFetch(source, { origins: [api.origin] })(`${api.origin}/me`)
      return [response.status, tokenErrorOf(response)]
    },
  ],
]

describe.each(clients)('a claims challenge, by %s', (_name, ask) => {
  it('asks the source for a token with the claims, and sends the request once more', async () => {
    const source = new FakeSource('T1', 'T2')
    const api = await serve(({ authorization }, response) =>
      authorization === 'Bearer T2' ? ok(response) : unauthorized(response, CHALLENGE),
    )
    expect(await ask(api, source)).toEqual([200, undefined])
    expect(source.renewed).toMatchObject([{ claims: CLAIMS }])
  })

  it('is a StepUpRequiredError with the claims where the new token is refused, too', async () => {
    const source = new FakeSource('T1', 'T2')
    const api = await serve((_, response) => unauthorized(response, CHALLENGE))
    const [status, reason] = await ask(api, source)
    expect(status).toBe(401)
    expect(reason).toBeInstanceOf(StepUpRequiredError)
    expect(reason).toMatchObject({ claims: CLAIMS })
    expect(api.seen).toHaveLength(2)
  })

  it('is a StepUpRequiredError with the claims where no token can be had without the user', async () => {
    const source = new FakeSource('T1')
    source.onRefresh = async () => {
      throw new RefreshRejectedError('no other', { error: 'access_denied' })
    }
    const api = await serve((_, response) => unauthorized(response, CHALLENGE))
    const [status, reason] = await ask(api, source)
    expect(status).toBe(401)
    expect(reason).toBeInstanceOf(StepUpRequiredError)
    expect(reason).toMatchObject({ claims: CLAIMS, cause: { error: 'access_denied' } })
    expect(api.seen).toHaveLength(1)
  })
})
