import { describe, expect, it } from 'vitest'
import { bundleMcpCli, startMcpCli } from './support/mcp-cli.js'
import { mcpWorld } from './support/mcp-world.js'

/** As many processes that are started first, and then call a tool at the same time. */
async function callAtOnce(world: Awaited<ReturnType<typeof mcpWorld>>, count: number) {
  const script = await bundleMcpCli()
  const open = (url: string) => void world.browse(url)
  const start = () => startMcpCli(script, world.server.url, world.path, open)
  const started = await Promise.all(Array.from({ length: count }, start))
  return Promise.all(started.map((call) => call()))
}

describe('two processes that find no session', () => {
  it('ask the user once: one of them, and the other waits for it', async () => {
    const world = await mcpWorld()
    expect(await callAtOnce(world, 2)).toEqual([{ said: 'read' }, { said: 'read' }])
    expect(world.logins).toBe(1)
    expect(world.authorization.registered).toHaveLength(1)
  }, 60_000) // three processes' worth of work
})

describe('five processes on one expired rotating token of 300 s', () => {
  it('all get through, with one token request', async () => {
    const world = await mcpWorld()
    await world.session().logIn()
    await world.expire()
    expect(await callAtOnce(world, 5)).toEqual(Array.from({ length: 5 }, () => ({ said: 'read' })))
    expect(world.authorization.ledger.of('refresh_token')).toMatchObject([{ status: 200 }])
    expect(world.authorization.ledger.reuseDetected).toBe(0)
    expect(world.logins).toBe(1)
  }, 90_000) // six processes' worth of work
})
