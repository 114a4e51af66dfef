import { monotonicNow, now } from '../clock.js'
import { heardRefresh, type TracingChannel } from '../diagnostics/channels.js'
import { carry } from '../diagnostics/carrier.js'
import type { RefreshMessage } from '../diagnostics/messages.js'
import type { TokenError } from '../errors.js'
import { refreshSession, type CycleDesk } from './cycle.js'
import { asTokenError, type Flight, type Landing } from './flight.js'
import type { Target } from './target.js'

/**
 * `refreshSession`, told on the channel `tokenward:refresh` if anybody listens there. It runs in
 * the asynchronous context of whoever began it.
 *
 * @internal
 */
export function tracedRefresh(desk: CycleDesk, target: Target, flight: Flight): Promise<Landing> {
  const channel = heardRefresh()
  return channel ? trace(channel, desk, target, flight) : refreshSession(desk, target, flight)
}

type Settled = { readonly landing: Landing } | { readonly error: TokenError }

async function trace(
  channel: TracingChannel,
  desk: CycleDesk,
  target: Target,
  flight: Flight,
): Promise<Landing> {
  const startedAt = monotonicNow()
  const message = messageOf(desk, target, flight)
  let settled!: Settled
  /** Resolves to nothing: what it resolves to is shown to all who listen. */
  const run = async (): Promise<void> => {
    settled = await refreshSession(desk, target, flight).then(
      (landing) => ({ landing }),
      (thrown: unknown) => ({ error: asTokenError(thrown) }),
    )
    message.outcome = outcomeOf(flight, settled)
    message.durationMs = monotonicNow() - startedAt
    if (!flight.isOrphan) {
      message.sessionId = desk.held.record?.sessionId ?? message.sessionId
      message.expiresAt = expiryOf(target)
    }
    if (message.outcome === 'failed') throw (settled as { error: TokenError }).error
  }
  await channel.tracePromise(() => carry(message, run), message).catch(() => undefined)
  if ('error' in settled) throw settled.error
  return settled.landing
}

function messageOf(desk: CycleDesk, target: Target, flight: Flight): RefreshMessage {
  const expiresAt = expiryOf(target)
  return {
    reason: flight.reason,
    resource: target.parameters.resource,
    sessionId: desk.held.sessionId,
    timeToExpiryMs: expiresAt === undefined ? undefined : expiresAt - now(),
    outcome: undefined,
    durationMs: undefined,
    expiresAt: undefined,
  }
}

function expiryOf({ token, record }: Target): number | undefined {
  return token === undefined ? undefined : record?.tokens?.expiresAt
}

function outcomeOf(flight: Flight, settled: Settled): RefreshMessage['outcome'] {
  if (flight.isOrphan) return 'superseded'
  const landing = 'landing' in settled ? settled.landing : undefined
  if (landing?.isFromServer) return 'refreshed'
  if (landing?.isOther) return 'adopted'
  return flight.mustRenew && !landing ? 'failed' : 'not-needed'
}
