import { describeRecipe } from './support/describe-recipe.js'

// Nest ends by the signal itself, once its hooks have run.
describeRecipe({ name: 'NestJS', type: 'commonjs', file: 'nest.js', end: 'SIGTERM' })
