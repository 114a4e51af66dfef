import { setTimeout as delay } from 'node:timers/promises'
import { collect } from '../measure/allocation.ts'
import { answerQuestions } from '../measure/child.ts'
import { peerNamed } from '../peers/all.ts'
import { ONE_PROMISE, type Setup } from '../peers/peer.ts'
import { axiosInstance, requestTokens } from '../peers/wire.ts'

export interface HerdQuestion {
  peer: string
  setup: Setup
  callers: number
  /** Whether they ask for the token, or make requests that want it. */
  wants: 'token' | 'request'
  /** Weigh what lives while all wait, instead of taking the time. */
  weigh: boolean
}

export interface HerdAnswer {
  /** Milliseconds, or bytes. */
  value: number
  failures: number
}

answerQuestions(
  async ({ peer, setup, callers, wants, weigh }: HerdQuestion): Promise<HerdAnswer> => {
    const call = wants === 'token' ? await tokenGetterOf(peer, setup) : requesterOf(peer, setup)
    await delay(20) // by now the token has expired
    if (weigh) collect()
    const before = process.memoryUsage().heapUsed
    const from = performance.now()
    const calls = Array.from({ length: callers }, () => call())
    if (weigh) collect()
    const weight = process.memoryUsage().heapUsed - before
    const settled = await Promise.allSettled(calls)
    const value = weigh ? weight : performance.now() - from
    return { value, failures: settled.filter(({ status }) => status === 'rejected').length }
  },
)

async function tokenGetterOf(peer: string, setup: Setup): Promise<() => unknown> {
  if (peer !== ONE_PROMISE) return peerNamed(peer).tokenGetter!(setup)
  return sharedToken(setup)
}

function requesterOf(peer: string, setup: Setup): () => Promise<unknown> {
  if (peer !== ONE_PROMISE) {
    const get = peerNamed(peer).client!(setup)
    return () => get('/api')
  }
  const token = sharedToken(setup)
  const instance = axiosInstance(setup)
  return async () => instance.get('/api', { headers: { Authorization: `Bearer ${await token()}` } })
}

function sharedToken({ tokenEndpoint, issued }: Setup): () => Promise<string> {
  let token: Promise<string> | undefined
  const request = () => requestTokens(tokenEndpoint, issued.refreshToken)
  return async () => (token ??= request().then(({ access_token }) => access_token))
}
