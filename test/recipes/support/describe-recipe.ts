import { afterAll, afterEach, beforeAll, it } from 'vitest'
import { describeWithRedis } from '../../support/redis/installation.js'
import { SCENARIOS, type Scenario } from './scenarios.js'
import { Stage, type Recipe } from './stage.js'

/**
 * @param names - the scenarios, where not all tell something new
 * @param special - what only this recipe has
 */
export function describeRecipe(
  recipe: Recipe,
  names = Object.keys(SCENARIOS),
  special: Record<string, Scenario> = {},
): void {
  const scenarios = { ...SCENARIOS, ...special }
  describeWithRedis(`the recipe for ${recipe.name}: two processes, as its page prints it`, () => {
    let stage: Stage
    beforeAll(async () => void (stage = await Stage.open(recipe)), 60_000)
    afterEach(() => stage.reset())
    afterAll(() => stage?.close())

    // The special ones first: the last of the others end its processes.
    it.each([...Object.keys(special), ...names])('%s', (name) => scenarios[name]!(stage))
  })
}
