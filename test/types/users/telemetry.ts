// Telemetry of all managers, with a meter of their own, and a channel read by its types.
import { metrics, type Meter } from '@opentelemetry/api'
import type { RefreshMessage, SessionMessage, UseMessage, WaitMessage } from 'tokenward'
import { observeTokens, type StopObserving } from 'tokenward/otel'

const meter: Meter = metrics.getMeter('the app')
const stop: StopObserving = observeTokens({ meter, withResource: true })
stop()

{
  using observing = observeTokens()
  void observing
}

export function lineOf(message: SessionMessage): string {
  return message.event === 'sessionEnded' ? message.reason : String(message.sessionId)
}

export function codeOf({ outcome, error }: RefreshMessage | WaitMessage): string | undefined {
  return outcome === 'failed' ? error?.code : undefined
}

export const nameOf = ({ sessionId }: UseMessage): string | undefined => sessionId
