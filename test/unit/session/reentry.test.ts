import { describe, expect, it, vi } from 'vitest'
import { createReentryScope } from '../../../src/session/reentry.js'

describe('a reentry scope', () => {
  it('knows who is inside: before the first await, after it, and in what it calls', async () => {
    const scope = createReentryScope()
    const seen: boolean[] = []
    const deeper = async () => {
      await Promise.resolve()
      seen.push(scope.isInside())
    }
    await scope.run(async () => {
      seen.push(scope.isInside())
      await new Promise((resolve) => setTimeout(resolve, 1))
      seen.push(scope.isInside())
      await deeper()
    })
    expect(seen).toEqual([true, true, true])
    expect(scope.isInside()).toBe(false)
  })

  it('does not take others for inside meanwhile', async () => {
    const scope = createReentryScope()
    let end!: () => void
    const running = scope.run(() => new Promise<void>((resolve) => (end = resolve)))
    expect(scope.isInside()).toBe(false)
    await Promise.resolve()
    expect(scope.isInside()).toBe(false)
    end()
    await running
  })

  it('is over when the task is, also for what the task has left behind', async () => {
    const scope = createReentryScope()
    let later: Promise<boolean> | undefined
    await scope.run(() => {
      later = new Promise((resolve) => setTimeout(() => resolve(scope.isInside()), 5))
      return Promise.resolve()
    })
    await expect(later).resolves.toBe(false)
  })

  it('passes a failure on, thrown or rejected', async () => {
    const scope = createReentryScope()
    await expect(scope.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const throwing = () => {
      throw new Error('at once')
    }
    await expect(createReentryScope().run(throwing)).rejects.toThrow('at once')
    expect(scope.isInside()).toBe(false)
  })

  it('knows at least the synchronous part where the runtime has no asynchronous context', async () => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
    const scope = createReentryScope()
    const seen: boolean[] = []
    await scope.run(async () => {
      seen.push(scope.isInside())
      await Promise.resolve()
      seen.push(scope.isInside())
    })
    expect(seen).toEqual([true, false])
  })
})
