import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { describe, expect, it } from 'vitest'
import { clientWorld, graphqlApi } from './support/world.js'

describe('Apollo’s HttpLink, with our fetch', () => {
  it('renews a token that is refused with status 200, and sends the operation again', async () => {
    const { api, apiFetch, seen, refreshes } = await clientWorld({ api: await graphqlApi() })
    const link = new HttpLink({ uri: `${api.origin}/graphql`, fetch: apiFetch })
    const client = new ApolloClient({ link, cache: new InMemoryCache() })
    const query = gql`
      {
        me {
          id
        }
      }
    `
    const { data } = await client.query({ query })
    expect(data).toMatchObject({ me: { id: '1' } })
    expect(refreshes()).toBe(1)
    expect(seen()).toEqual(['T1', 'T2'])
    client.stop()
  })
})
