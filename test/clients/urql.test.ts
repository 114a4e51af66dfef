import { Client, fetchExchange } from '@urql/core'
import { describe, expect, it } from 'vitest'
import { clientWorld, graphqlApi } from './support/world.js'

describe('urql, with our fetch', () => {
  it('renews a token that is refused with status 200, and sends the operation again', async () => {
    const { api, apiFetch, seen, refreshes } = await clientWorld({ api: await graphqlApi() })
    const url = `${api.origin}/graphql`
    const client = new Client({ url, fetch: apiFetch, exchanges: [fetchExchange], preferGetMethod: false }) // prettier-ignore
    const { data } = await client.query('{ me { id } }', {}).toPromise()
    expect(data).toEqual({ me: { __typename: 'User', id: '1' } })
    expect(refreshes()).toBe(1)
    expect(seen()).toEqual(['T1', 'T2'])
  })
})
