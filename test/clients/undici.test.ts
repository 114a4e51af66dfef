import { Agent, fetch as undiciFetch } from 'undici'
import { createFetch } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { clientWorld, keepsTheLaws } from './support/world.js'

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
