import { expect, it } from 'vitest'
import { runCampaign } from './campaign.js'
import { bundleCore } from './core-bundle.js'
import { tell } from './story.js'

const FROM = Number(process.env.SIMULATION_FROM ?? 1)
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 20_000)

it(`keeps the laws, whatever goes wrong: seeds ${FROM} to ${FROM + SEEDS - 1}`, async () => {
  const code = await bundleCore()
  const report = await runCampaign({ code, from: FROM, seeds: SEEDS, mostFailures: 3 })

  const seconds = report.durationMs / 1_000
  console.log(
    `Seeds ${FROM} to ${FROM + SEEDS - 1}: ${report.runs} runs in ${seconds.toFixed(1)} s, ${Math.round(report.runs / seconds)} a second`,
  )
  expect(report.failures.map(({ shrunk }) => tell(shrunk)).join('\n\n')).toBe('')
  expect(report.runs).toBe(SEEDS)
})
