/* eslint-disable @typescript-eslint/no-deprecated -- servers of the first MCP specification have no other */
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { describe, expect, it } from 'vitest'
import { callTool } from './support/call-tool.js'
import { mcpWorld } from './support/mcp-world.js'

const viaSse = (session: Parameters<typeof callTool>[0], name: string) =>
  callTool(session, name, SSEClientTransport)

describe('the SSE transport of the SDK, with a session behind it', () => {
  it('logs in when its stream is refused, and posts with the same token', async () => {
    const world = await mcpWorld()
    expect(await viaSse(world.session({ url: world.server.sseUrl }), 'read')).toBe('read')
    expect(world.logins).toBe(1)
    const [refused, ...accepted] = world.server.seen
    expect(refused).toBeUndefined()
    const { accessToken } = (await world.stored()).tokens!
    expect(new Set(accepted)).toEqual(new Set([`Bearer ${accessToken}`]))
  })

  it('renews an expired token once, and logs in again for another scope', async () => {
    const world = await mcpWorld()
    await viaSse(world.session({ url: world.server.sseUrl }), 'read')
    await world.expire()
    const later = world.session({ url: world.server.sseUrl })
    expect(await viaSse(later, 'read')).toBe('read')
    expect(world.authorization.ledger.of('refresh_token')).toMatchObject([{ status: 200 }])
    expect(await viaSse(later, 'write')).toBe('write')
    expect(world.logins).toBe(2)
  })
})
