import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { describeWithRedis } from '../support/redis/installation.js'
import { edgeProgram, type Told } from './support/edge-program.js'
import { openEdgeScene } from './support/edge-scene.js'

interface EdgeVM {
  evaluate(code: string): unknown
}
const { EdgeVM } = createRequire(import.meta.url)('@edge-runtime/vm') as {
  EdgeVM: new () => EdgeVM
}

describeWithRedis('on the edge runtime, the one of Vercel', () => {
  it('core, fetch, oauth and a store over HTTP renew a session, once', async () => {
    const { server, expired, isRenewed } = await openEdgeScene()
    const edge = new EdgeVM()
    const conditions = ['edge-light', 'worker']
    edge.evaluate(await edgeProgram('globalThis.renew = renew', { format: 'iife', conditions }))
    const told = await (edge.evaluate(`renew(${JSON.stringify(expired)})`) as Promise<Told>)
    expect([...told.statuses]).toEqual([200]) // an array of another realm
    expect(told.hasNode).toBe(false)
    expect(await isRenewed()).toBe(true)
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })
})
