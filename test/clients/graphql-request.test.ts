import { GraphQLClient } from 'graphql-request'
import { describe, expect, it } from 'vitest'
import { clientWorld, graphqlApi } from './support/world.js'

describe('graphql-request, with our fetch', () => {
  it('renews a token that is refused with status 200, and sends the operation again', async () => {
    const { api, apiFetch, seen, refreshes } = await clientWorld({ api: await graphqlApi() })
    const client = new GraphQLClient(`${api.origin}/graphql`, { fetch: apiFetch })
    const query = '{ me { id } }'
    const answers = await Promise.all([1, 2, 3].map(() => client.request(query)))
    expect(answers).toEqual(answers.map(() => ({ me: { __typename: 'User', id: '1' } })))
    expect(refreshes()).toBe(1)
    expect(seen().filter((token) => token === 'T2')).toHaveLength(3)
  })
})
