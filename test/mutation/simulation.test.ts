import { expect, it } from 'vitest'
import { bundleCore } from '../simulation/core-bundle.js'
import { run, type Result } from '../simulation/run.js'

const SEEDS = 150

/** In this process, where the mutant is; the simulation of `npm test` runs in threads. */
it(`keeps the laws in ${SEEDS} seeds of the simulation`, async () => {
  const code = await bundleCore()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { broken } = await runLater(code, seed)
    if (broken) expect.fail(`seed ${seed} breaks law ${broken.law}`)
  }
})

/** From a macrotask: a run drains the microtasks itself. */
function runLater(code: string, seed: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(run(code, seed))
      } catch (error) {
        reject(error)
      }
    })
  })
}
