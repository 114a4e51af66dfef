import { runCampaign } from './campaign.js'
import { bundleCore } from './core-bundle.js'
import type { Fault } from './faults/fault.js'
import type { Result } from './run.js'

const MOST_SEEDS = 20_000

/** How a planted fault was found. */
export interface Found {
  readonly fault: string
  /** `undefined`: it was not. */
  readonly seed: number | undefined
  readonly law: string | undefined
  /** How many decisions were not plain, after shrinking, and how many lines its story has. */
  readonly decisions: number
  readonly lines: number
}

/** Puts the fault into the core and looks for a seed that breaks a law with it, and only with it. */
export async function hunt(fault: Fault, reference: string): Promise<Found> {
  const code = await bundleCore(fault.patches)
  const campaign = { code, reference, from: 1, seeds: MOST_SEEDS, mostFailures: 1 }
  const { failures } = await runCampaign(campaign)
  return found(fault, failures[0]?.shrunk)
}

function found(fault: Fault, shrunk: Result | undefined): Found {
  return {
    fault: fault.name,
    seed: shrunk?.seed,
    law: shrunk?.broken?.law.toString(),
    decisions: shrunk?.taken.length ?? 0,
    lines: shrunk?.lines.length ?? 0,
  }
}
