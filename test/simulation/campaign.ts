import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import type { Result } from './run.js'

/** Which seeds to run, on which core. */
export interface Campaign {
  /** The core, see `bundleCore`. */
  readonly code: string
  readonly from: number
  readonly seeds: number
  /** Another core: a seed that it fails too does not count. */
  readonly reference?: string | undefined
  /** After so many failures no more seeds are tried. */
  readonly mostFailures: number
}

export interface Report {
  readonly runs: number
  readonly steps: number
  readonly durationMs: number
  /** Shrunk and told, by seed. */
  readonly failures: readonly Failure[]
}

export interface Failure {
  readonly found: Pick<Result, 'seed' | 'taken'>
  readonly shrunk: Result
}

export interface Message {
  readonly runs: number
  readonly steps: number
  readonly failures: readonly Failure[]
}

/** Runs the seeds in several threads: every nth seed each. */
export async function runCampaign(campaign: Campaign, threads = 2): Promise<Report> {
  const script = await bundleWorker()
  const startedAt = performance.now()
  const parts = await Promise.all(
    Array.from({ length: threads }, (_, thread) => runPart(script, campaign, thread, threads)),
  )
  return {
    runs: parts.reduce((sum, { runs }) => sum + runs, 0),
    steps: parts.reduce((sum, { steps }) => sum + steps, 0),
    durationMs: performance.now() - startedAt,
    failures: parts
      .flatMap(({ failures }) => failures)
      .sort((one, other) => one.found.seed - other.found.seed),
  }
}

/** As one script: a thread cannot load TypeScript. */
async function bundleWorker(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('worker.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
  })
  return outputFiles[0]!.text
}

function runPart(
  script: string,
  campaign: Campaign,
  thread: number,
  threads: number,
): Promise<Message> {
  const workerData = { ...campaign, thread, threads }
  const worker = new Worker(script, { eval: true, workerData })
  return new Promise((resolve, reject) => {
    worker.on('message', resolve)
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new Error(`a simulation's thread ended with ${code}`)))
  })
}
