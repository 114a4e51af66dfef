import { bundleCore } from './core-bundle.js'
import { KNOWN_FAULTS } from './faults/known.js'
import { OWN_FAULTS } from './faults/own.js'
import { hunt } from './hunt.js'

/** `npm run simulate:faults`: every planted fault, the seed that finds it, and its shortest story. */
const reference = await bundleCore()
for (const fault of [...KNOWN_FAULTS, ...OWN_FAULTS]) {
  const startedAt = performance.now()
  try {
    const { seed, law, decisions, lines } = await hunt(fault, reference)
    const took = ((performance.now() - startedAt) / 1_000).toFixed(1)
    const found = seed === undefined ? 'NOT FOUND' : `seed ${seed}, law ${law}, ${decisions} decisions, ${lines} lines`
    console.log(`${fault.name}: ${found} (${took} s)`)
  } catch (error) {
    console.log(`${fault.name}: ${String(error)}`)
  }
}
