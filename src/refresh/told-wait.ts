import { monotonicNow } from '../clock.js'
import { heard, type Channel } from '../diagnostics/channels.js'
import type { WaitMessage } from '../diagnostics/messages.js'
import { isTokenError } from '../errors.js'
import { isServed, type Keeper, type Request } from './obtain.js'
import { obtainShared } from './shared-wait.js'

/**
 * `obtainShared`; if anybody listens on the channel `tokenward:wait`, the wait of a caller who
 * cannot be served at once is told there.
 *
 * @throws as `obtainShared`
 * @internal
 */
export function toldWait(keeper: Keeper, request: Request): Promise<string> {
  const channel = heard('wait')
  return !channel || isServed(keeper, request)
    ? obtainShared(keeper, request)
    : timed(channel, keeper, request)
}

async function timed(channel: Channel, keeper: Keeper, request: Request): Promise<string> {
  const startedAt = monotonicNow()
  const tell = (outcome: WaitMessage['outcome'], error?: WaitMessage['error']) => {
    const { sessionId } = keeper.held
    const durationMs = monotonicNow() - startedAt
    channel.publish({ sessionId, durationMs, outcome, error } satisfies WaitMessage)
  }
  try {
    const token = await obtainShared(keeper, request)
    tell('served')
    return token
  } catch (thrown) {
    if (isTokenError(thrown)) tell('failed', thrown)
    else tell('aborted') // all else is the reason of the caller's own signal
    throw thrown
  }
}
