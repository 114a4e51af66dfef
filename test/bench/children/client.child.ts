import { setTimeout as delay } from 'node:timers/promises'
import { answerQuestions } from '../measure/child.ts'
import type { Get, Setup } from '../peers/peer.ts'
import { peerNamed } from '../peers/all.ts'

export type ClientQuestion =
  | { kind: 'connect'; peer: string; setup: Setup }
  | { kind: 'burst'; requests: number; concurrency: number }
  | { kind: 'stream'; perSecond: number; durationMs: number }

export interface Burst {
  milliseconds: number
  /** User and system, of this process. */
  cpuMicroseconds: number
}

export interface Stream {
  latenciesMs: number[]
  failures: number
}

const PATH = '/api'

let get: Get

answerQuestions((question: ClientQuestion): unknown => {
  if (question.kind === 'connect') {
    get = peerNamed(question.peer).client!(question.setup)
    return null
  }
  return question.kind === 'burst'
    ? burst(question.requests, question.concurrency)
    : stream(question.perSecond, question.durationMs)
})

/** As fast as so many at once can be had. */
async function burst(requests: number, concurrency: number): Promise<Burst> {
  let left = requests
  const worker = async () => {
    while ((left -= 1) >= 0) await get(PATH)
  }
  const cpu = process.cpuUsage()
  const from = performance.now()
  await Promise.all(Array.from({ length: concurrency }, worker))
  const milliseconds = performance.now() - from
  const { user, system } = process.cpuUsage(cpu)
  return { milliseconds, cpuMicroseconds: user + system }
}

/** Open loop: a request begins when its time has come, whatever became of those before it. */
async function stream(perSecond: number, durationMs: number): Promise<Stream> {
  const intervalMs = 1000 / perSecond
  const begunAt = performance.now()
  const requests: Promise<number | undefined>[] = []
  for (let dueMs = 0; dueMs < durationMs; dueMs += intervalMs) {
    const waitMs = begunAt + dueMs - performance.now()
    if (waitMs > 0) await delay(waitMs)
    requests.push(latencyFrom(performance.now()))
  }
  const latencies = await Promise.all(requests)
  const latenciesMs = latencies.filter((latency) => latency !== undefined)
  return { latenciesMs, failures: latencies.length - latenciesMs.length }
}

async function latencyFrom(from: number): Promise<number | undefined> {
  try {
    await get(PATH)
    return performance.now() - from
  } catch {
    return undefined
  }
}
