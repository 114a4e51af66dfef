import { describe, expect, it } from 'vitest'
import { createMutex } from '../../../src/stores/mutex.js'

/** A task that the test lets end. */
function heldTask() {
  let end!: () => void
  let fail!: (error: Error) => void
  const over = new Promise<void>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  return { task: () => over, end, fail }
}

describe('tasks', () => {
  it('give what they did', async () => {
    await expect(createMutex().run(() => Promise.resolve('done'))).resolves.toBe('done')
  })

  it('are run one after another, in the order in which they came', async () => {
    const mutex = createMutex()
    const seen: string[] = []
    const task = (name: string) => async () => {
      seen.push(`${name} begins`)
      await Promise.resolve()
      seen.push(`${name} ends`)
    }
    await Promise.all([mutex.run(task('first')), mutex.run(task('second'))])
    expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
  })

  it('are pending from the call on, until the last is over', async () => {
    const mutex = createMutex()
    const [first, second] = [heldTask(), heldTask()]
    expect(mutex.isBusy).toBe(false)
    const done = [mutex.run(first.task), mutex.run(second.task)]
    expect(mutex.isBusy).toBe(true)
    first.end()
    await done[0]
    expect(mutex.isBusy).toBe(true)
    second.end()
    await done[1]
    expect(mutex.isBusy).toBe(false)
  })

  it('that fail are over too, and the next is run', async () => {
    const mutex = createMutex()
    const held = heldTask()
    const failed = mutex.run(held.task)
    const next = mutex.run(() => Promise.resolve('done'))
    held.fail(new Error('disk full'))
    await expect(failed).rejects.toThrow('disk full')
    await expect(next).resolves.toBe('done')
    expect(mutex.isBusy).toBe(false)
  })
})

describe('when none is running', () => {
  it('is at once where none is running', async () => {
    await expect(createMutex().idle()).resolves.toBeUndefined()
  })

  it('is after the last, also of those that came while one waited', async () => {
    const mutex = createMutex()
    const [first, second] = [heldTask(), heldTask()]
    const seen: string[] = []
    const done = [mutex.run(first.task)]
    const idle = mutex.idle().then(() => seen.push('idle'))
    done.push(mutex.run(second.task).then(() => void seen.push('done')))
    first.end()
    await done[0]
    expect(seen).toEqual([])
    second.end()
    await idle
    expect(seen).toEqual(['done', 'idle'])
  })

  it('is also after one that failed', async () => {
    const mutex = createMutex()
    const failed = mutex.run(() => Promise.reject(new Error('disk full')))
    await expect(Promise.all([mutex.idle(), failed.catch(() => 'failed')])).resolves.toEqual([
      undefined,
      'failed',
    ])
  })
})
