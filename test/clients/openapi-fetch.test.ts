import createClient from 'openapi-fetch'
import { describe, expect } from 'vitest'
import { keepsTheLaws } from './support/world.js'

interface Paths {
  '/{rest}': {
    get: {
      parameters: { path: { rest: string } }
      responses: { 200: { content: { 'application/json': { ok: boolean } } } }
    }
  }
}

describe('openapi-fetch, with our fetch', () => {
  keepsTheLaws(({ apiFetch }) => async (url) => {
    const { origin, pathname } = new URL(url)
    const client = createClient<Paths>({ baseUrl: origin, fetch: apiFetch })
    const path = { rest: pathname.slice(1) }
    const pathSerializer = (template: string) => template.replace('{rest}', path.rest)
    const { data } = await client.GET('/{rest}', { params: { path }, pathSerializer })
    expect(data).toEqual({ ok: true })
  })
})
