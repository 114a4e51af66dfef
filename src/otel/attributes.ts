import type { Attributes } from '@opentelemetry/api'
import type { RefreshMessage } from '../diagnostics/messages.js'
import type { TokenError } from '../errors.js'

/**
 * Each has a handful of values: ours are the words of the messages, `error.type` and
 * `http.response.status_code` are OpenTelemetry's own.
 *
 * @internal
 */
export const ATTRIBUTE = {
  refreshReason: 'tokenward.refresh.reason',
  refreshOutcome: 'tokenward.refresh.outcome',
  waitOutcome: 'tokenward.wait.outcome',
  rejectionOutcome: 'tokenward.rejection.outcome',
  rejectionReason: 'tokenward.rejection.reason',
  sessionEvent: 'tokenward.session.event',
  sessionEndReason: 'tokenward.session.end_reason',
  resource: 'tokenward.resource',
  errorType: 'error.type',
  status: 'http.response.status_code',
} as const

/** @internal */
export function startOf(message: RefreshMessage, withResource: boolean): Attributes {
  const resource = withResource ? message.resource : undefined
  return {
    [ATTRIBUTE.refreshReason]: message.reason,
    ...(resource !== undefined && { [ATTRIBUTE.resource]: [resource].flat().join(' ') }),
  }
}

/** @internal */
export function endOf({ outcome, error }: RefreshMessage): Attributes {
  return { [ATTRIBUTE.refreshOutcome]: outcome, ...typeOf(error) }
}

/** @internal */
export function typeOf(error: TokenError | undefined): Attributes {
  return error ? { [ATTRIBUTE.errorType]: error.code } : {}
}
