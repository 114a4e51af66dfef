import {
  context,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { setCarrier } from '../diagnostics/carrier.js'
import type { Channels } from '../diagnostics/channels.js'
import type { RefreshMessage } from '../diagnostics/messages.js'
import { ATTRIBUTE, endOf, startOf } from './attributes.js'
import type { Listeners } from './listeners.js'

/**
 * A span for each refresh; what the user's `refresh` sends becomes a part of it.
 *
 * A refresh that someone waits for belongs to the trace of the caller who began it. One in the
 * background is a trace of its own, since no request is the slower for it, with a link to the use
 * that found the token due.
 *
 * @internal
 */
export function traceRefreshes(
  { refresh }: Channels,
  tracer: Tracer,
  withResource: boolean,
): Listeners {
  const spans = new WeakMap<RefreshMessage, Span>()
  return [
    [
      refresh.start,
      (message: RefreshMessage) => {
        const around = contextOf(message)
        const trigger = isBackground(message) ? trace.getSpanContext(around) : undefined
        const span = tracer.startSpan(
          'tokenward.refresh',
          {
            root: isBackground(message),
            links: trigger ? [{ context: trigger }] : [],
            attributes: startOf(message, withResource),
          },
          around,
        )
        spans.set(message, span)
        setCarrier(message, (run) => context.with(trace.setSpan(around, span), run))
      },
    ],
    [
      refresh.asyncEnd,
      (message: RefreshMessage) => {
        const span = spans.get(message)
        if (!span) return // it began before anyone looked
        end(span, message)
      },
    ],
  ]
}

function end(span: Span, message: RefreshMessage): void {
  const { error } = message
  span.setAttributes(endOf(message))
  if (error) {
    const { status } = error as { status?: unknown }
    if (typeof status === 'number') span.setAttribute(ATTRIBUTE.status, status)
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
  }
  span.end()
}

function isBackground({ reason }: RefreshMessage): boolean {
  return reason === 'due' || reason === 'timer'
}

/** The timer was set by whatever request came before, and has nothing to do with it. */
function contextOf({ reason, inCallerContext }: RefreshMessage) {
  return reason === 'timer' ? ROOT_CONTEXT : inCallerContext(() => context.active())
}
