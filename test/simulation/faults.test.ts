import { expect, it } from 'vitest'
import { bundleCore } from './core-bundle.js'
import { KNOWN_FAULTS } from './faults/known.js'
import { OWN_FAULTS } from './faults/own.js'
import { huntAgain } from './hunt.js'

const reference = bundleCore()

it.each([...KNOWN_FAULTS, ...OWN_FAULTS])('finds within 5,000 seeds: $name', async (fault) => {
  expect(await huntAgain(fault, await reference)).toMatchObject({ seed: expect.any(Number) })
})
