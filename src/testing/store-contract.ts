import { aFunction, checkValue } from '../checks.js'
import { TokenOptionsError } from '../errors.js'
import type { Check, MakeStore } from './store-contract/check.js'
import { leasingChecks } from './store-contract/leasing.js'
import { savingChecks } from './store-contract/saving.js'

export type { MakeStore } from './store-contract/check.js'

/**
 * What a test runner has: vitest, Jest, node:test, Mocha.
 *
 * @public
 */
export interface TestRunner {
  describe: (name: string, define: () => void) => unknown
  it: (name: string, test: () => Promise<void>) => unknown
}

/** Every promise that a `TokenStore` makes. @internal */
export const storeContract: readonly Check[] = [...savingChecks, ...leasingChecks]

/**
 * Declares the tests that every `TokenStore` must pass, memory, file, keyring and Redis included:
 * one `describe`, with one `it` for each promise. Works on real time.
 *
 * @param name - what the `describe` is called
 * @param makeStore - makes a store on the backend of the given name: a file, a key, a row. Called
 * several times with one name, as several processes would; each test has a new name.
 * @param runner - default: the globals `describe` and `it`
 *
 * @example
 * testTokenStore('my store', (backend) => myStore({ pool, key: backend }), { describe, it })
 *
 * @throws TokenOptionsError if there is no runner
 * @public
 */
export function testTokenStore(
  name: string,
  makeStore: MakeStore,
  runner: Partial<TestRunner> = globalThis as Partial<TestRunner>,
): void {
  const { describe, it } = runner
  if (typeof describe !== 'function' || typeof it !== 'function') {
    throw new TokenOptionsError(
      'testTokenStore: there are no globals `describe` and `it`: pass those of your test runner as the third argument',
    )
  }
  checkValue('testTokenStore', 'makeStore', makeStore, aFunction)
  describe(name, () => {
    for (const check of storeContract) it(check.promise, () => runCheck(check, makeStore))
  })
}

/**
 * On a backend that no other check has.
 *
 * @internal
 */
export async function runCheck({ run }: Check, makeStore: MakeStore): Promise<void> {
  const backend = `contract-${crypto.randomUUID()}`
  await run(async () => makeStore(backend))
}
