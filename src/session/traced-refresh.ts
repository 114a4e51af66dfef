import { monotonicNow, now } from '../clock.js'
import { carry } from '../diagnostics/carrier.js'
import { heardRefresh, type TracingChannel } from '../diagnostics/channels.js'
import type { RefreshMessage } from '../diagnostics/messages.js'
import { captureContext, runDetached } from '../detached.js'
import type { TokenError } from '../errors.js'
import { asTokenError, type Refresh, type RefreshWork } from './refresh.js'
import { runRefresh } from './transaction.js'
import type { Outcome } from './wait-request.js'

/**
 * Runs a refresh outside the asynchronous context of whoever began it, and tells it on the channel
 * `tokenward:refresh` if anyone listens there.
 *
 * @internal
 */
export function tracedRefresh(work: RefreshWork): Promise<Outcome> {
  const channel = heardRefresh()
  return channel ? trace(channel, work) : runDetached(() => runRefresh(work))
}

type Settled = { readonly outcome: Outcome } | { readonly error: TokenError }

async function trace(channel: TracingChannel, work: RefreshWork): Promise<Outcome> {
  const { core, access, refresh } = work
  const startedAt = monotonicNow()
  const message = messageOf(work)
  let settled!: Settled
  /** Resolves to nothing: what it resolves to is shown to all who listen. */
  const run = async (): Promise<void> => {
    settled = await runRefresh(work).then(
      (outcome) => ({ outcome }),
      (thrown: unknown) => ({ error: asTokenError(thrown) }),
    )
    message.outcome = outcomeOf(refresh, settled)
    message.durationMs = monotonicNow() - startedAt
    if (!refresh.isSuperseded) {
      message.sessionId = core.state.record?.sessionId ?? message.sessionId
      message.expiresAt = access.tokens?.expiresAt
    }
    if (message.outcome === 'failed') throw (settled as { error: TokenError }).error
  }
  const tell = () => channel.tracePromise(() => carry(message, run), message)
  await runDetached(tell).catch(() => undefined)
  if ('error' in settled) throw settled.error
  return settled.outcome
}

function messageOf({ core, access, refresh }: RefreshWork): RefreshMessage {
  const expiresAt = access.tokens?.expiresAt
  const message = {
    reason: refresh.reason,
    resource: access.parameters.resource,
    sessionId: core.sessionId,
    timeToExpiryMs: expiresAt === undefined ? undefined : expiresAt - now(),
    outcome: undefined,
    durationMs: undefined,
    expiresAt: undefined,
  }
  const inCallerContext = { value: captureContext() }
  return Object.defineProperty(message, 'inCallerContext', inCallerContext) as RefreshMessage
}

function outcomeOf(refresh: Refresh, settled: Settled): RefreshMessage['outcome'] {
  if (refresh.isSuperseded) return 'superseded'
  const outcome = 'outcome' in settled ? settled.outcome : undefined
  if (outcome?.isFromServer) return 'refreshed'
  if (outcome?.isOther) return 'adopted'
  return refresh.mustRenew && !outcome ? 'failed' : 'not-needed'
}
