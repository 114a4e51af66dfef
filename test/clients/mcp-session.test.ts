import { describe, expect, it } from 'vitest'
import { callTool, mcpWorld } from './support/mcp-world.js'

describe('a session at an MCP server', () => {
  it('is found, registered, logged in and used by one call of the official client', async () => {
    const world = await mcpWorld()
    expect(await callTool(world.session(), 'read')).toBe('read')
    expect(world.logins).toBe(1)
    expect(world.authorization.registered).toHaveLength(1)
    expect(world.server.metadataRequests).toContain('/.well-known/oauth-protected-resource/mcp')
  })
})
