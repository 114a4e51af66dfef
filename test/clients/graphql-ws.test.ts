import type * as GraphQl from 'graphql'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { createClient } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocket, WebSocketServer } from 'ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clientWorld } from './support/world.js'

// The copy that graphql-ws loads: there must not be two.
const { buildSchema } = createRequire(import.meta.url)('graphql') as typeof GraphQl

describe('graphql-ws', () => {
  it('connects with a fresh token, and again with another when the server sends it away', async () => {
    const socketServer = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(socketServer, 'listening')
    const seen: unknown[] = []
    const server = useServer(
      {
        schema: buildSchema('type Query { me: String }'),
        roots: { query: { me: () => 'ann' } },
        onConnect: ({ connectionParams }) => {
          seen.push(connectionParams?.authorization)
          return connectionParams?.authorization === 'Bearer T2' // false: closed with 4403
        },
      },
      socketServer,
    )
    onTestFinished(() => void server.dispose())
    const { tokens, refreshes } = await clientWorld()
    let rejected: string | undefined
    const client = createClient({
      url: `ws://127.0.0.1:${(socketServer.address() as AddressInfo).port}`,
      webSocketImpl: WebSocket,
      retryAttempts: 1,
      retryWait: () => Promise.resolve(),
      shouldRetry: (event) => (event as { code?: number }).code === 4403,
      connectionParams: async () => {
        const token = await (rejected === undefined ? tokens.getAccessToken() : tokens.refresh({ rejected })) // prettier-ignore
        rejected = token
        return { authorization: `Bearer ${token}` }
      },
      on: { connected: () => (rejected = undefined) },
    })
    onTestFinished(() => void client.dispose())
    const { value } = await client.iterate({ query: '{ me }' }).next()
    expect(value).toEqual({ data: { me: 'ann' } })
    expect(seen).toEqual(['Bearer T1', 'Bearer T2'])
    expect(refreshes()).toBe(1)
  })
})
