import { monotonicNow, now } from '../clock.js'
import { carry } from '../diagnostics/carrier.js'
import { heardRefresh, type TracingChannel } from '../diagnostics/channels.js'
import type { RefreshMessage } from '../diagnostics/messages.js'
import { runDetached } from '../detached.js'
import type { TokenError } from '../errors.js'
import { asTokenError, type Outcome, type Refresh } from './refresh.js'
import { runRefresh, type RefreshWork } from './transaction.js'

/**
 * Runs a refresh outside the asynchronous context of whoever began it, and tells it on the channel
 * `tokenward:refresh` if anybody listens there.
 *
 * @internal
 */
export function tracedRefresh(work: RefreshWork): Promise<void> {
  const channel = heardRefresh()
  return channel ? trace(channel, work) : runDetached(() => runRefresh(work))
}

async function trace(channel: TracingChannel, work: RefreshWork): Promise<void> {
  const { core, access, refresh } = work
  const startedAt = monotonicNow()
  const message = messageOf(work)
  let failure: { readonly error: TokenError } | undefined
  let outcome: Outcome | undefined
  /** Resolves to nothing: what it resolves to is shown to all who listen. */
  const run = async (): Promise<void> => {
    try {
      await runRefresh(work)
      outcome = await refresh.outcome.catch(() => undefined)
    } catch (thrown) {
      failure = { error: asTokenError(thrown) }
    }
    message.outcome = outcomeOf(refresh, outcome)
    message.durationMs = monotonicNow() - startedAt
    if (!refresh.isSuperseded) {
      message.sessionId = core.state.record?.sessionId ?? message.sessionId
      message.expiresAt = access.tokens?.expiresAt
    }
    if (message.outcome === 'failed' && failure) throw failure.error
  }
  await channel
    .tracePromise(() => runDetached(() => carry(message, run)), message)
    .catch(() => undefined)
  if (failure) throw failure.error
}

function messageOf({ core, access, refresh }: RefreshWork): RefreshMessage {
  const expiresAt = access.tokens?.expiresAt
  return {
    reason: refresh.reason,
    resource: access.parameters.resource,
    sessionId: core.sessionId,
    timeToExpiryMs: expiresAt === undefined ? undefined : expiresAt - now(),
    outcome: undefined,
    durationMs: undefined,
    expiresAt: undefined,
  }
}

function outcomeOf(refresh: Refresh, outcome: Outcome | undefined): RefreshMessage['outcome'] {
  if (refresh.isSuperseded) return 'superseded'
  if (outcome?.isFromServer) return 'refreshed'
  if (outcome?.isOther) return 'adopted'
  return refresh.mustRenew && !outcome ? 'failed' : 'not-needed'
}
