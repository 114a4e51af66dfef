import { describe, expect, it } from 'vitest'
import { Pending } from '../../../src/refresh/pending.js'
import { fakeTime, settle, watch } from '../../behaviour/support/session-time.js'

fakeTime()

describe('work that nobody waits for', () => {
  it('is over when the last of it has settled, also what began meanwhile', async () => {
    const pending = new Pending()
    const [first, second] = [deferred(), deferred()]
    void pending.track(first.promise.then(() => pending.track(second.promise)))
    const over = watch(pending.over())
    first.resolve()
    await settle()
    expect(over.status).toBe('pending')
    second.resolve()
    await settle()
    expect(over.status).toBe('resolved')
  })

  it('may fail, and its failure is its caller’s', async () => {
    const pending = new Pending()
    const work = pending.track(Promise.reject(new Error('mine')))
    await expect(work).rejects.toThrow('mine')
    await pending.over()
  })

  it('is over at once where there is none', async () => {
    await new Pending().over()
  })
})

function deferred() {
  let resolve!: () => void
  const promise = new Promise<void>((settleIt) => (resolve = settleIt))
  return { promise, resolve }
}
