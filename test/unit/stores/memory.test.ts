import { inspect } from 'node:util'
import { memoryStore, toTokenSet, type StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'

describe('a memory store', () => {
  it('holds nothing at first, or what it was given', async () => {
    expect(await memoryStore().load()).toBeUndefined()
    expect(await memoryStore(record(3)).load()).toEqual(record(3))
  })

  it('saves where it holds the version that is named', async () => {
    const store = memoryStore(record(3))
    expect(await store.save(record(4), { ifVersion: 3 })).toBe(true)
    expect(await store.load()).toEqual(record(4))
  })

  it.each([2, 4, undefined])(
    'changes nothing where %s is named and it holds 3',
    async (ifVersion) => {
      const store = memoryStore(record(3))
      expect(await store.save(record(9), { ifVersion })).toBe(false)
      expect(await store.load()).toEqual(record(3))
    },
  )

  it('saves the first record only where it holds nothing', async () => {
    const store = memoryStore()
    expect(await store.save(record(1), { ifVersion: 1 })).toBe(false)
    expect(await store.save(record(1), { ifVersion: undefined })).toBe(true)
  })

  it('lets one save win of two that name the same version', async () => {
    const store = memoryStore(record(3))
    const saved = await Promise.all([4, 5].map((v) => store.save(record(v), { ifVersion: 3 })))
    expect(saved).toEqual([true, false])
  })

  it('runs one exclusive task after the other, in the order in which they came', async () => {
    const store = memoryStore()
    const seen: string[] = []
    const task = (name: string) => async () => {
      seen.push(`${name} begins`)
      await Promise.resolve()
      seen.push(`${name} ends`)
    }
    await Promise.all(['a', 'b'].map((name) => store.exclusive!(task(name))))
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('goes on after an exclusive task that failed, and passes its failure on', async () => {
    const store = memoryStore()
    const failing = store.exclusive!(() => Promise.reject(new Error('mine')))
    const next = store.exclusive!((lease) => Promise.resolve(lease.isHeld()))
    await expect(failing).rejects.toThrow('mine')
    expect(await next).toBe(true)
  })

  it('shows no token when it is inspected', () => {
    expect(inspect(memoryStore(record(3)), { depth: 9, showHidden: true })).not.toContain('secret')
  })
})

function record(version: number): StoredSession {
  const tokens = toTokenSet({ accessToken: 'secret', expiresAt: 2_000, issuedAt: 1_000 })
  return { sessionId: 'session', version, tokens }
}
