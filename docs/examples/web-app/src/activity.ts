import type { FastifyBaseLogger } from 'fastify'
import type { Tokens } from './tokens.js'

/** What this process has done since it began. */
export interface Activity {
  readonly process: number
  apiCalls: number
  refreshes: number
}

/** Counts for the page, and a line of the log for each refresh. No token is in an event. */
export function watch({ api, pool }: Tokens, log: FastifyBaseLogger): Activity {
  const activity: Activity = { process: process.pid, apiCalls: 0, refreshes: 0 }
  api.interceptors.request.use((config) => {
    activity.apiCalls += 1
    return config
  })
  pool.on('refreshed', ({ sessionId, reason, durationMs }) => {
    activity.refreshes += 1
    log.info({ sessionId, reason, durationMs }, 'refreshed')
  })
  pool.on('refreshFailed', ({ sessionId, reason, error, retryInMs }) => {
    log.warn({ sessionId, reason, code: error.code, retryInMs }, 'not refreshed')
  })
  return activity
}
