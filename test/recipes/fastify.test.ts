import { describeRecipe } from './support/describe-recipe.js'
import { OF_EVERY_FRAMEWORK } from './support/every-framework.js'

describeRecipe(
  { name: 'Fastify', program: { type: 'module', file: 'fastify.js' } },
  OF_EVERY_FRAMEWORK,
)
