import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import type { TokenManager } from 'tokenward'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
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

  it('connects again, with another token, before the first one ends', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    const { tokens, refreshes } = await clientWorld()
    const { port } = server.address() as AddressInfo
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const connected = async () => {
      const arrived = once(server, 'connection') as Promise<[unknown, IncomingMessage]>
      const socket = await connect(tokens, `ws://127.0.0.1:${port}`)
      onTestFinished(() => socket.terminate())
      const [[, { headers }]] = await Promise.all([arrived, once(socket, 'open')])
      return { socket, authorization: headers.authorization }
    }
    const first = await connected()
    const { expiresAt } = (await tokens.getTokens())!
    const closed = once(first.socket, 'close') as Promise<[number]>
    await vi.advanceTimersByTimeAsync(expiresAt! - Date.now() - 30_001)
    expect(first.socket.readyState).toBe(WebSocket.OPEN)
    await vi.advanceTimersByTimeAsync(1)
    expect((await closed)[0]).toBe(4000)
    expect(Date.now()).toBeLessThan(expiresAt!)
    const second = await connected()
    expect([first.authorization, second.authorization]).toEqual(['Bearer T1', 'Bearer T2'])
    expect(refreshes()).toBe(1)
  })
})

/** As in docs/guide/clients.md. */
async function connect(tokens: TokenManager, url: string): Promise<WebSocket> {
  const token = await tokens.getAccessToken({ minValidityMs: 60_000 })
  const headers = { authorization: `Bearer ${token}` }
  const socket = new WebSocket(url, { headers })
  const expiresAt = (await tokens.getTokens())?.expiresAt
  if (expiresAt !== undefined) {
    const untilMs = Math.min(expiresAt - Date.now() - 30_000, 2_147_483_647)
    const timer = setTimeout(() => socket.close(4000, 'token ends'), untilMs)
    socket.on('close', () => clearTimeout(timer))
  }
  return socket
}
