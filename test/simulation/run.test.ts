import { describe, expect, it } from 'vitest'
import { bundleCore } from './core-bundle.js'
import { KNOWN_FAULTS } from './faults/known.js'
import { OWN_FAULTS } from './faults/own.js'
import { run, type Result, type RunOptions } from './run.js'
import { shrink } from './shrink.js'
import { tell } from './story.js'

/** From a macrotask: a run drains the microtasks itself. */
function runLater<T>(task: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(task())
      } catch (error) {
        reject(error)
      }
    })
  })
}

function runSeed(code: string, seed: number, options?: RunOptions): Promise<Result> {
  return runLater(() => run(code, seed, options))
}

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1)

describe('one seed', () => {
  it('gives one run, line for line, whatever was run before it', async () => {
    const code = await bundleCore()
    const first = new Map<number, Result>()
    for (const seed of SEEDS) first.set(seed, await runSeed(code, seed, { isTold: true }))

    for (const seed of SEEDS.toReversed()) {
      expect(await runSeed(code, seed, { isTold: true })).toEqual(first.get(seed))
    }
    expect(new Set([...first.values()].map(tell)).size).toBe(SEEDS.length)
  })

  it('gives the same run when it is told as when it is not', async () => {
    const code = await bundleCore()
    for (const seed of SEEDS) {
      const { steps, taken } = await runSeed(code, seed)
      expect(await runSeed(code, seed, { isTold: true })).toMatchObject({ steps, taken })
    }
  })

  it('gives the same run by the names of its decisions as by all', async () => {
    const code = await bundleCore()
    for (const seed of SEEDS) {
      const { steps, taken } = await runSeed(code, seed)
      const again = await runSeed(code, seed, { allowed: new Set(taken) })
      expect(again).toMatchObject({ steps, taken })
    }
  })
})

describe('a planted fault', () => {
  it.each([...KNOWN_FAULTS, ...OWN_FAULTS])(
    'fits the code as it is: $name',
    async ({ patches }) => {
      await expect(bundleCore(patches)).resolves.not.toBe(await bundleCore())
    },
  )
})

describe('a seed that fails', () => {
  it('is told with little more than what makes it fail', async () => {
    const { patches } = OWN_FAULTS.find(({ name }) => name === 'no lease is taken at all')!
    const code = await bundleCore(patches)
    const failed = await firstFailure(code)
    const shrunk = await runLater(() => shrink(code, failed))

    expect(shrunk.broken?.law).toBe(failed.broken?.law)
    expect(shrunk.taken.length).toBeLessThan(failed.taken.length)
    expect(tell(shrunk)).toContain(`Seed ${failed.seed} breaks law ${shrunk.broken!.law}`)
    for (const name of shrunk.taken) {
      const allowed = new Set(shrunk.taken.filter((other) => other !== name))
      const { broken } = await runSeed(code, failed.seed, { allowed })
      expect(broken?.law, `without "${name}"`).not.toBe(shrunk.broken?.law)
    }
  })
})

async function firstFailure(code: string): Promise<Result> {
  for (let seed = 1; ; seed++) {
    const result = await runSeed(code, seed)
    if (result.broken) return result
  }
}
