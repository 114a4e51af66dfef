import { bundleCore } from './core-bundle.js'
import { KNOWN_FAULTS } from './faults/known.js'
import { OWN_FAULTS } from './faults/own.js'
import { hunt } from './hunt.js'

/** `npm run simulate:faults`: each planted fault, the first seed that finds it, its shortest story. */
const reference = await bundleCore()
console.log(
  '| fault | seed | law | decisions | lines of its story |\n| --- | ---: | --- | ---: | ---: |',
)
for (const fault of [...KNOWN_FAULTS, ...OWN_FAULTS]) {
  const { seed = 'not found', law = '', decisions, lines } = await hunt(fault, reference)
  if (seed === 'not found') process.exitCode = 1
  console.log(`| ${fault.name} | ${seed} | ${law} | ${decisions} | ${lines} |`)
}
