import { describeRecipe } from './support/describe-recipe.js'
import { SCENARIOS } from './support/scenarios.js'

// The same program as in express.test.ts: what is new is how it is loaded, and how it ends.
const names = Object.keys(SCENARIOS)
describeRecipe(
  { name: 'Express, as CommonJS', program: { type: 'commonjs', file: 'express.js' } },
  [names.at(0)!, ...names.slice(-2)],
)
