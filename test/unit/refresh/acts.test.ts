import { describe, expect, it } from 'vitest'
import { Acts } from '../../../src/refresh/acts.js'

/** An act that the test lets end. */
function heldAct() {
  let end!: () => void
  let fail!: (error: Error) => void
  const done = new Promise<void>((resolve, reject) => {
    end = resolve
    fail = reject
  })
  return { write: () => done, end, fail }
}

describe("the user's acts", () => {
  it('give what they wrote', async () => {
    await expect(new Acts().run(() => Promise.resolve('written'))).resolves.toBe('written')
  })

  it('are written one after another, in the order in which they came', async () => {
    const acts = new Acts()
    const seen: string[] = []
    const write = (name: string) => async () => {
      seen.push(`${name} begins`)
      await Promise.resolve()
      seen.push(`${name} ends`)
    }
    await Promise.all([acts.run(write('login')), acts.run(write('logout'))])
    expect(seen).toEqual(['login begins', 'login ends', 'logout begins', 'logout ends'])
  })

  it('are pending from the call on, until the last is written', async () => {
    const acts = new Acts()
    const [first, second] = [heldAct(), heldAct()]
    expect(acts.isPending).toBe(false)
    const written = [acts.run(first.write), acts.run(second.write)]
    expect(acts.isPending).toBe(true)
    first.end()
    await written[0]
    expect(acts.isPending).toBe(true)
    second.end()
    await written[1]
    expect(acts.isPending).toBe(false)
  })

  it('that fail are over too, and the next is written', async () => {
    const acts = new Acts()
    const act = heldAct()
    const failed = acts.run(act.write)
    const next = acts.run(() => Promise.resolve('written'))
    act.fail(new Error('disk full'))
    await expect(failed).rejects.toThrow('disk full')
    await expect(next).resolves.toBe('written')
    expect(acts.isPending).toBe(false)
  })
})

describe('when the acts are settled', () => {
  it('is at once where none is being written', async () => {
    await expect(new Acts().settled()).resolves.toBeUndefined()
  })

  it('is after the last, also of those that came while one waited', async () => {
    const acts = new Acts()
    const [first, second] = [heldAct(), heldAct()]
    const seen: string[] = []
    const written = [acts.run(first.write)]
    const settled = acts.settled().then(() => seen.push('settled'))
    written.push(acts.run(second.write).then(() => void seen.push('written')))
    first.end()
    await written[0]
    expect(seen).toEqual([])
    second.end()
    await settled
    expect(seen).toEqual(['written', 'settled'])
  })

  it('is also after one that failed', async () => {
    const acts = new Acts()
    const failed = acts.run(() => Promise.reject(new Error('disk full')))
    await expect(Promise.all([acts.settled(), failed.catch(() => 'failed')])).resolves.toEqual([
      undefined,
      'failed',
    ])
  })
})
