import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clientWorld } from './support/world.js'

describe('ws', () => {
  it('connects with a fresh token, which lasts for as long as was asked for', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    const seen: (string | undefined)[] = []
    server.on('connection', (_, { headers }) => void seen.push(headers.authorization))
    const { tokens, refreshes } = await clientWorld({ first: 'expired' })
    const { port } = server.address() as AddressInfo
    const connect = async () => {
      const token = await tokens.getAccessToken({ minValidityMs: 60_000 })
      const socket = new WebSocket(`ws://127.0.0.1:${port}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      await once(socket, 'open')
      socket.terminate()
    }
    await Promise.all([connect(), connect()])
    expect(seen).toEqual(['Bearer T2', 'Bearer T2'])
    expect(refreshes()).toBe(1)
  })
})
