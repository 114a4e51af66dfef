import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it, vi } from 'vitest'
import { captureContext, runDetached } from '../../src/detached.js'

const users = new AsyncLocalStorage<string>()

describe('what is run detached', () => {
  it('sees nothing of the request that began it, now or later', async () => {
    const seen: unknown[] = []
    await users.run('ann', () =>
      runDetached(async () => {
        seen.push(users.getStore())
        await new Promise((resolve) => setTimeout(resolve, 1))
        seen.push(users.getStore())
      }),
    )
    expect(seen).toEqual([undefined, undefined])
  })

  it('gives what the task gives, and throws what it throws', () => {
    expect(runDetached(() => 7)).toBe(7)
    const fail = () => {
      throw new Error('mine')
    }
    expect(() => runDetached(fail)).toThrow('mine')
  })
})

describe('a context that was captured', () => {
  it('is the one of whoever captured it', () => {
    const inContext = users.run('ann', () => captureContext())
    expect(inContext(() => users.getStore())).toBe('ann')
    expect(users.getStore()).toBeUndefined()
  })

  it('is none where the runtime has none', () => {
    vi.stubGlobal('process', undefined)
    const inContext = captureContext()
    vi.unstubAllGlobals()
    expect(inContext(() => 7)).toBe(7)
  })
})
