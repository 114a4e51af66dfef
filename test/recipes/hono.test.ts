import { describeRecipe } from './support/describe-recipe.js'

describeRecipe({ name: 'Hono', type: 'module', file: 'hono.js' })
