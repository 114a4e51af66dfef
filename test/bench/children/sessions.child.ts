import axios from 'axios'
import { attachTokens } from '../../../dist/axios.js'
import { collect } from '../measure/allocation.ts'
import { answerQuestions } from '../measure/child.ts'
import { issue } from '../measure/tokens.ts'
import { peerNamed } from '../peers/all.ts'

const HOUR_MS = 3_600_000

export interface SessionsQuestion {
  peer: string
  sessions: number
}

export interface Census {
  bytes: number
  milliseconds: number
  timers: number
}

/** Made in a first round that is thrown away: code, hidden classes and one-off objects. */
const WARM_UP = 2_000

answerQuestions(({ peer, sessions }: SessionsQuestion): Census => {
  const make = peerNamed(peer).session!
  attachTokens(axios.create({ baseURL: 'https://api.example' }))
  for (let made = 0; made < WARM_UP; made += 1) make(issue(HOUR_MS))

  const issued = Array.from({ length: sessions }, () => issue(HOUR_MS))
  const kept = new Array<unknown>(sessions).fill(undefined)
  const timersBefore = timers()
  collect()
  const before = heap()
  const from = performance.now()
  for (let made = 0; made < sessions; made += 1) kept[made] = make(issued[made]!)
  const milliseconds = performance.now() - from
  collect()
  const bytes = heap() - before
  return {
    bytes: kept.length === sessions ? bytes : NaN,
    milliseconds,
    timers: timers() - timersBefore,
  }
})

function heap(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}
