import { expect, it, onTestFinished } from 'vitest'
import { describeWithRedis } from '../support/redis/installation.js'
import { edgeProgram, type Given, type Told } from './support/edge-program.js'
import { openEdgeScene } from './support/edge-scene.js'
import { startWorkerd } from './support/workerd.js'

/** As the guide for serverless platforms has it. */
const WORKER = `
export default {
  async fetch(request, _environment, context) {
    return Response.json(await renew(await request.json(), (work) => context.waitUntil(work)))
  },
}
`
const POLL = { timeout: 10_000 }

describeWithRedis('on workerd, the runtime of Cloudflare', () => {
  async function openWorker() {
    const worker = await edgeProgram(WORKER, { format: 'esm', conditions: ['workerd', 'worker'] })
    const origin = await startWorkerd(worker)
    return async (given: Given) => {
      const response = await fetch(origin, { method: 'POST', body: JSON.stringify(given) })
      return response.ok ? ((await response.json()) as Told) : response.text()
    }
  }

  it('core, fetch, oauth and a store over HTTP renew a session, once for two requests', async () => {
    const { server, expired, isRenewed } = await openEdgeScene()
    const ask = await openWorker()
    const told = { statuses: [200], hasNode: false }
    expect(await Promise.all([ask(expired), ask(expired)])).toEqual([told, told])
    expect(await isRenewed()).toBe(true)
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it('with `waitUntil`, a refresh goes on after the response, and is saved', async () => {
    const { server, due, isRenewed } = await openEdgeScene()
    const ask = await openWorker()
    const gate = server.hold()
    onTestFinished(() => gate.release())
    expect(await ask(due)).toEqual({ statuses: [200], hasNode: false })
    expect(await isRenewed()).toBe(false) // it was answered with the token at hand
    await gate.arrived
    gate.release()
    await expect.poll(isRenewed, POLL).toBe(true)
    expect(server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  }, 30_000) // without it, the token request never comes
})
