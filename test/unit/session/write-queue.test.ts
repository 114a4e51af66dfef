import { describe, expect, it } from 'vitest'
import { WriteQueue } from '../../../src/session/write-queue.js'

/** An write that the test lets end. */
function heldWrite() {
  let end!: () => void
  let fail!: (error: Error) => void
  const done = new Promise<void>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  return { write: () => done, end, fail }
}

describe('logins and logouts', () => {
  it('give what they wrote', async () => {
    await expect(new WriteQueue().run(() => Promise.resolve('written'))).resolves.toBe('written')
  })

  it('are written one after another, in the order in which they came', async () => {
    const queue = new WriteQueue()
    const seen: string[] = []
    const write = (name: string) => async () => {
      seen.push(`${name} begins`)
      await Promise.resolve()
      seen.push(`${name} ends`)
    }
    await Promise.all([queue.run(write('login')), queue.run(write('logout'))])
    expect(seen).toEqual(['login begins', 'login ends', 'logout begins', 'logout ends'])
  })

  it('are pending from the call on, until the last is written', async () => {
    const queue = new WriteQueue()
    const [first, second] = [heldWrite(), heldWrite()]
    expect(queue.isPending).toBe(false)
    const written = [queue.run(first.write), queue.run(second.write)]
    expect(queue.isPending).toBe(true)
    first.end()
    await written[0]
    expect(queue.isPending).toBe(true)
    second.end()
    await written[1]
    expect(queue.isPending).toBe(false)
  })

  it('that fail are over too, and the next is written', async () => {
    const queue = new WriteQueue()
    const write = heldWrite()
    const failed = queue.run(write.write)
    const next = queue.run(() => Promise.resolve('written'))
    write.fail(new Error('disk full'))
    await expect(failed).rejects.toThrow('disk full')
    await expect(next).resolves.toBe('written')
    expect(queue.isPending).toBe(false)
  })
})

describe('when none is being written', () => {
  it('is at once where none is being written', async () => {
    await expect(new WriteQueue().idle()).resolves.toBeUndefined()
  })

  it('is after the last, also of those that came while one waited', async () => {
    const queue = new WriteQueue()
    const [first, second] = [heldWrite(), heldWrite()]
    const seen: string[] = []
    const written = [queue.run(first.write)]
    const idle = queue.idle().then(() => seen.push('idle'))
    written.push(queue.run(second.write).then(() => void seen.push('written')))
    first.end()
    await written[0]
    expect(seen).toEqual([])
    second.end()
    await idle
    expect(seen).toEqual(['written', 'idle'])
  })

  it('is also after one that failed', async () => {
    const queue = new WriteQueue()
    const failed = queue.run(() => Promise.reject(new Error('disk full')))
    await expect(Promise.all([queue.idle(), failed.catch(() => 'failed')])).resolves.toEqual([
      undefined,
      'failed',
    ])
  })
})
