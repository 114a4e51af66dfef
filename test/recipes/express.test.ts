import { describeRecipe } from './support/describe-recipe.js'

describeRecipe({ name: 'Express', type: 'module', file: 'express.js' })
