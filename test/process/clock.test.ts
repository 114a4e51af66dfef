import { describe, expect, it } from 'vitest'
import { useScene } from './support/scene.js'

const YEAR_MS = 365 * 24 * 60 * 60 * 1000

const scene = useScene()

describe('a clock that is moved', () => {
  it.each([
    ['back', -YEAR_MS, 1],
    // The answer's lifetime counts from before its request was sent: by the new clock it is over.
    ['ahead', YEAR_MS, 2],
  ])('%s during a refresh, with another process waiting: both go on', async (_, byMs, requests) => {
    await scene.logIn()
    const holder = await scene.startOne({ holdAt: 'sending' })
    const waiting = await scene.startOne()
    const first = holder.ask('token')
    await holder.held()
    const second = waiting.ask('token')
    await Promise.all([holder, waiting].map((each) => each.ask('moveClock', byMs)))
    await holder.ask('goOn')
    for (const { value } of await Promise.all([first, second])) {
      expect(scene.server.isValid(value as string)).toBe(true)
    }
    expect(scene.server.stats).toMatchObject({ tokenRequests: requests, reuse: 0 })
  })

  it('for one process alone: it renews in vain, and nobody loses the session', async () => {
    await scene.logIn(scene.server.login())
    const [moved, other] = await scene.start(2)
    await moved!.ask('moveClock', YEAR_MS)
    for (const each of [moved!, other!, moved!]) {
      const { value } = await each.ask('token')
      expect(scene.server.isValid(value as string)).toBe(true)
    }
    expect(scene.server.stats).toMatchObject({ reuse: 0 })
  })
})
