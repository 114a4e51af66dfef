import { afterAll, afterEach, beforeAll, it } from 'vitest'
import { describeWithRedis } from '../../support/redis/installation.js'
import { SCENARIOS } from './scenarios.js'
import { Stage, type Recipe } from './stage.js'

/** @param names - the scenarios, where not all tell something new */
export function describeRecipe(recipe: Recipe, names = Object.keys(SCENARIOS)): void {
  describeWithRedis(`the recipe for ${recipe.name}: two processes, as its page prints it`, () => {
    let stage: Stage
    beforeAll(async () => void (stage = await Stage.open(recipe)), 60_000)
    afterEach(() => stage.reset())
    afterAll(() => stage?.close())

    it.each(names)('%s', (name) => SCENARIOS[name]!(stage))
  })
}
