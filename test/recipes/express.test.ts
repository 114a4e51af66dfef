import { describeRecipe } from './support/describe-recipe.js'

describeRecipe({ name: 'Express', program: { type: 'module', file: 'express.js' } })
