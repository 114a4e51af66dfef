import { describeRecipe } from './support/describe-recipe.js'
import { OF_EVERY_FRAMEWORK } from './support/every-framework.js'

const NEST = { type: 'commonjs', file: 'nest.js' } as const
const END = 'SIGTERM' // Nest ends by the signal itself, once its hooks have run

describeRecipe({ name: 'NestJS', program: NEST, end: END }, OF_EVERY_FRAMEWORK)

// An ES module, which CommonJS requires. What is new is that it loads, its errors, and its end.
describeRecipe(
  { name: 'NestJS 12', program: { ...NEST, beside: 'nest-12' }, end: END },
  OF_EVERY_FRAMEWORK.filter((name) => /^(a login|nobody|a deploy|SIGTERM)/.test(name)),
)
