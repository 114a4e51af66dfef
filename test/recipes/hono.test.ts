import { describeRecipe } from './support/describe-recipe.js'
import { OF_EVERY_FRAMEWORK } from './support/every-framework.js'

describeRecipe({ name: 'Hono', program: { type: 'module', file: 'hono.js' } }, OF_EVERY_FRAMEWORK)
