import { parentPort, workerData } from 'node:worker_threads'
import type { Campaign, Failure, Message } from './campaign.js'
import { run } from './run.js'
import { shrink } from './shrink.js'

const { code, reference, from, seeds, mostFailures, thread, threads } = workerData as Campaign & {
  thread: number
  threads: number
}

Error.stackTraceLimit = 0 // nobody reads the stacks, and they cost a tenth of the time

// From a macrotask: a run drains the microtasks itself.
setImmediate(() => {
  const failures: Failure[] = []
  let [runs, steps] = [0, 0]
  for (let seed = from + thread; seed < from + seeds; seed += threads) {
    const result = run(code, seed)
    runs += 1
    steps += result.steps
    if (!result.broken || (reference && run(reference, seed).broken)) continue
    failures.push({ found: { seed, taken: result.taken }, shrunk: shrink(code, result) })
    if (failures.length >= mostFailures) break
  }
  const message: Message = { runs, steps, failures }
  parentPort!.postMessage(message)
})
