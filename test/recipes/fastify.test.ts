import { describeRecipe } from './support/describe-recipe.js'

describeRecipe({ name: 'Fastify', type: 'module', file: 'fastify.js' })
