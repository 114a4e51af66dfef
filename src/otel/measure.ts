import type { Attributes, Meter } from '@opentelemetry/api'
import type { Channels } from '../diagnostics/channels.js'
import type {
  RefreshMessage,
  RejectionMessage,
  SessionMessage,
  WaitMessage,
} from '../diagnostics/messages.js'
import type { TokenError } from '../errors.js'
import { ATTRIBUTE, endOf, startOf, typeOf } from './attributes.js'
import type { Listeners } from './listeners.js'

/** A histogram counts too: refreshes, waits. Durations are in seconds, as all of OpenTelemetry's. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20]
const TIMES_TO_EXPIRY = [0, 1, 5, 15, 60, 300, 900, 3_600, 86_400]

/**
 * The metrics, as docs/guide/observability.md lists them.
 *
 * @internal
 */
export function measure(channels: Channels, meter: Meter, withResource: boolean): Listeners {
  const refreshes = histogram(meter, 'tokenward.refresh.duration', DURATIONS, {
    description: 'How long a refresh took, waiting for the lease included',
  })
  const timesToExpiry = histogram(meter, 'tokenward.token.time_to_expiry', TIMES_TO_EXPIRY, {
    description: 'How long the current token was still valid when its refresh began',
  })
  const waits = histogram(meter, 'tokenward.wait.duration', DURATIONS, {
    description: 'How long a caller that had to wait for a token waited',
  })
  const uses = meter.createCounter('tokenward.token.uses', {
    unit: '{use}',
    description: 'Tokens put on requests, and on their replays',
  })
  const rejections = meter.createCounter('tokenward.rejections', {
    unit: '{rejection}',
    description: 'Requests whose token an API refused, and whether they were replayed',
  })
  const events = meter.createCounter('tokenward.session.events', {
    unit: '{event}',
    description: 'Logins, ends of sessions, adoptions, failed saves',
  })
  return [
    [
      channels.refresh.start,
      (message: RefreshMessage) => {
        const { timeToExpiryMs } = message
        if (timeToExpiryMs === undefined) return
        timesToExpiry.record(Math.max(timeToExpiryMs, 0) / 1000, startOf(message, withResource))
      },
    ],
    [
      channels.refresh.asyncEnd,
      (message: RefreshMessage) => {
        const attributes = { ...startOf(message, withResource), ...endOf(message) }
        refreshes.record((message.durationMs ?? 0) / 1000, attributes)
      },
    ],
    [
      channels.wait,
      ({ durationMs, outcome, error }: WaitMessage) => {
        waits.record(durationMs / 1000, { [ATTRIBUTE.waitOutcome]: outcome, ...typeOf(error) })
      },
    ],
    [
      channels.rejection,
      ({ outcome, error }: RejectionMessage) => {
        const what = { [ATTRIBUTE.rejectionOutcome]: outcome, ...typeOf(error), ...reasonOf(error) }
        rejections.add(1, what)
      },
    ],
    [channels.use, () => uses.add(1)],
    [channels.session, (message: SessionMessage) => events.add(1, changeOf(message))],
  ]
}

function histogram(
  meter: Meter,
  name: string,
  explicitBucketBoundaries: number[],
  { description }: { description: string },
) {
  return meter.createHistogram(name, {
    unit: 's',
    description,
    advice: { explicitBucketBoundaries },
  })
}

/** The closed list of a `NotReplayedError`, a `LoginRequiredError`, a `TokenStoreError`. */
function reasonOf(error: TokenError | undefined): Attributes {
  const { reason } = (error ?? {}) as { reason?: string }
  return reason === undefined ? {} : { [ATTRIBUTE.rejectionReason]: reason }
}

function changeOf(message: SessionMessage): Attributes {
  const { event } = message
  return {
    [ATTRIBUTE.sessionEvent]: event,
    ...(event === 'sessionEnded' && { [ATTRIBUTE.sessionEndReason]: message.reason }),
    ...(event === 'saveFailed' && typeOf(message.error)),
  }
}
