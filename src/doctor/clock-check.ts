import type { OAuthFetch } from '../oauth/transport.js'
import type { Finding } from './report.js'

/** More than a slow response and a whole second can explain. */
const TOLERANCE_MS = 10_000

/** A fetch that remembers how far the clock of the last server was from ours. */
export function watchClock(fetch: OAuthFetch): {
  fetch: OAuthFetch
  findings: () => Finding[]
} {
  let aheadMs: number | undefined
  return {
    fetch: async (url, init) => {
      const response = await fetch(url, init)
      const date = Date.parse(response.headers.get('date') ?? '')
      if (!Number.isNaN(date)) aheadMs = date - Date.now()
      return response
    },
    findings: () => (aheadMs === undefined ? [] : [clockFinding(aheadMs)]),
  }
}

function clockFinding(aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  if (Math.abs(aheadMs) <= TOLERANCE_MS) {
    return {
      about: 'clock',
      verdict: 'good',
      text: "this machine's clock agrees with the server's",
    }
  }
  const side = aheadMs > 0 ? 'behind' : 'ahead of'
  return {
    about: 'clock',
    verdict: 'problem',
    text: `this machine's clock is ${seconds} s ${side} the server's`,
  }
}
