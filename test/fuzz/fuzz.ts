/**
 * Goes on from the corpus: `npm run fuzz -- [target] [seconds] [seed]`. What finds a fault is made
 * short, kept in the corpus, and played by the tests from then on.
 */
import fc from 'fast-check'
import { corpusOf, keep } from './corpus.js'
import { Fault, slowest } from './cost.js'
import { grown } from './growth.js'
import { mutated } from './mutate.js'
import { play, type Target } from './target.js'
import { TARGETS } from './targets.js'

const [name = 'all', seconds = '10', seed = String(Date.now() % 2 ** 31)] = process.argv.slice(2)
const targets = name === 'all' ? TARGETS : TARGETS.filter((target) => target.name === name)
if (targets.length === 0) throw new Error(`No such target: there are ${namesOf(TARGETS)}`)

/** @returns whether nothing was found */
async function fuzz(target: Target): Promise<boolean> {
  const seeds = corpusOf(target.name).map(({ text }) => text)
  const property = fc.asyncProperty(mutated(seeds, target.words), (text) => play(target, text))
  const limits = { numRuns: Infinity, interruptAfterTimeLimit: Number(seconds) * 1000 }
  const result = await fc.check(property, { seed: Number(seed), ...limits })
  if (result.failed && result.counterexample) {
    const [text] = result.counterexample
    return found(target, text, result.errorInstance as Error)
  }
  try {
    const cost = await slowest(target, seeds, Number(seconds) / 2, Number(seed))
    const memory = `${Math.round(process.memoryUsage().heapUsed / 2 ** 20)} MB`
    console.log(`${target.name}: ${result.numRuns} inputs, ${cost.said}, heap ${memory}`)
    return cost.isLinear
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault
    return found(target, await shortest(target, fault), fault.error)
  }
}

/** As long as it must be. */
async function shortest(target: Target, { growing }: Fault): Promise<string> {
  for (const length of [100, 1_000, 5_000, 20_000, 100_000]) {
    const text = grown(growing, length)
    const isEnough = await play(target, text).then(
      () => false,
      () => true,
    )
    if (isEnough) return text
  }
  return grown(growing, 250_000)
}

function found(target: Target, text: string, error: Error): false {
  const why = String(error.stack).split('\n').slice(0, 4).join('\n')
  console.log(`${target.name}: ${JSON.stringify(text.slice(0, 500))}\n${why}\nkept in ${keep(target.name, text)}`) // prettier-ignore
  return false
}

function namesOf(all: readonly Target[]): string {
  return all.map((target) => target.name).join(', ')
}

console.log(`seed ${seed}, ${seconds} s a target`)
let isSound = true
for (const target of targets) if (!(await fuzz(target))) isSound = false
process.exit(isSound ? 0 : 1)
