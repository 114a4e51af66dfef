import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore, type TokenStore } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { testTokenStore, type MakeStore } from 'tokenward/testing'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { runCheck, storeContract } from '../../../src/testing/store-contract.js'
import * as stores from './broken-stores.js'

const folder = mkdtempSync(join(tmpdir(), 'tokenward-contract-'))
afterAll(() => rmSync(folder, { recursive: true }))

const memories = new Map<string, TokenStore>()

/** Longer than any check takes, also one that waits in vain. */
const A_CHECK_MS = 5_000

/** For stores that wait for nothing but timers and each other. */
async function inFakeTime(test: () => Promise<void>): Promise<void> {
  vi.useFakeTimers()
  const done = test()
  await Promise.all([done.catch(() => undefined), vi.advanceTimersByTimeAsync(A_CHECK_MS)])
  return done
}
afterEach(() => void vi.useRealTimers())
const inMemory = {
  describe,
  it: (name: string, test: () => Promise<void>) => it(name, () => inFakeTime(test)),
}

testTokenStore('memoryStore', memoryOf, inMemory)
// kubelogin#1144: locked the data file itself, which a save replaces
testTokenStore('fileStore', (name) => fileStore({ path: join(folder, name) }), { describe, it })
testTokenStore(
  'a store in the making of which is awaited',
  async (name) => stores.sound(name),
  inMemory,
)
testTokenStore('a store for one process', (name) => withoutExclusive(memoryOf(name)), inMemory)

describe.each<[keyof typeof stores, ...string[]]>([
  ['losesUpdates', 'lets one of 50 saves win', 'loses no change of many writers'],
  ['ignoresIfVersion', 'refuses, and changes nothing, where it holds 7 and 6 is named'],
  ['tears', 'never shows half a record'],
  ['lockIsNotExclusive', 'lets nobody in while another has the lease', 'lets many in'],
  ['lockIsNeverFreed', 'gives the lease back when the task throws'],
  ['lockIsFreedByAnother', "does not free another's lease by giving up"],
])('a store that is broken: %s', (name, ...promises) => {
  it.each(promises)('is caught by: %s', async (promise) => {
    const check = storeContract.find((candidate) => candidate.promise.startsWith(promise))!
    const run = (make: MakeStore) => inFakeTime(() => runCheck(check, make))
    await expect(run(stores[name])).rejects.toThrow(/.{20}/)
    await expect(run(stores.sound)).resolves.toBeUndefined()
  })
})

describe('a check that fails', () => {
  it('says what was wanted and what was got', async () => {
    const check = storeContract.find(({ promise }) => promise.startsWith('gives back exactly'))!
    const drops: MakeStore = async (name) => {
      const store = await stores.sound(name)
      return { ...store, load: async () => ({ ...(await store.load())!, tokens: null }) }
    }
    await expect(runCheck(check, drops)).rejects.toThrow(
      /^load\(\) after save\(\): \{"later".* wanted, got \{.*"tokens":null/s,
    )
  })
})

describe('testTokenStore', () => {
  it('wants a test runner', () => {
    expect(() => testTokenStore('mine', memoryOf)).toThrow(/third argument/)
    expect(() => testTokenStore('mine', memoryOf, { describe })).toThrow(/third argument/)
  })

  it('wants a function that makes a store', () => {
    const store = memoryStore() as unknown as MakeStore
    expect(() => testTokenStore('mine', store, { describe, it })).toThrow(/`makeStore`.*object/)
  })

  it('takes the globals where there are some', () => {
    const defined: string[] = []
    const scope = Object.assign(globalThis, {
      describe: (name: string, define: () => void) => (defined.push(name), define()),
      it: (name: string) => defined.push(name),
    })
    try {
      testTokenStore('mine', memoryOf)
    } finally {
      Reflect.deleteProperty(scope, 'describe')
      Reflect.deleteProperty(scope, 'it')
    }
    expect(defined).toEqual(['mine', ...storeContract.map(({ promise }) => promise)])
  })
})

function memoryOf(name: string): TokenStore {
  const store = memories.get(name) ?? memoryStore()
  memories.set(name, store)
  return store
}

function withoutExclusive({ load, save }: TokenStore): TokenStore {
  return { load, save, singleProcess: true }
}
