import { metrics, trace, type Meter, type Tracer } from '@opentelemetry/api'
import { assertUnpolluted, optionError } from '../checks.js'
import type { Disposing } from '../disposable.js'
import { channels } from '../diagnostics/channels.js'
import { quietly } from './listeners.js'
import { measure } from './measure.js'
import { traceRefreshes } from './trace-refreshes.js'
import { VERSION } from '../version.js'

/** @public */
export interface ObserveOptions {
  /** @default the global one of this name: `metrics.getMeter('tokenward')` */
  meter?: Meter | undefined
  /** @default the global one of this name: `trace.getTracer('tokenward')` */
  tracer?: Tracer | undefined
  /**
   * Whether the `resource` of a refresh (`tokens.for`) becomes an attribute, of metrics too: only
   * if there are few of them.
   *
   * @default false
   */
  withResource?: boolean | undefined
}

/** Stops what `observeTokens` started. It may be called more than once. @public */
export type StopObserving = (() => void) & Disposing

/**
 * Reports every manager and adapter in this process to OpenTelemetry: a span for each refresh, and
 * the metrics that docs/guide/observability.md lists. Call it once, after starting the SDK: a meter
 * obtained before the SDK starts is a permanent no-op.
 *
 * No attribute contains a secret or a session ID. On a runtime without `diagnostics_channel`, nothing
 * is reported.
 *
 * @throws TokenOptionsError if `meter` or `tracer` is not one
 * @public
 */
export function observeTokens(options: ObserveOptions = {}): StopObserving {
  assertUnpolluted('observeTokens', ['meter', 'tracer', 'withResource'])
  const meter = checked(
    'meter',
    options.meter ?? metrics.getMeter(SCOPE, VERSION),
    'createHistogram',
  )
  const tracer = checked('tracer', options.tracer ?? trace.getTracer(SCOPE, VERSION), 'startSpan')
  const { withResource = false } = options
  const open = channels()
  const listeners = open
    ? quietly([
        ...traceRefreshes(open, tracer, withResource),
        ...measure(open, meter, withResource),
      ])
    : []
  for (const [channel, listener] of listeners) channel.subscribe(listener)
  const stop = () => {
    for (const [channel, listener] of listeners) channel.unsubscribe(listener)
  }
  return Object.assign(stop, { [Symbol.dispose]: stop })
}

const SCOPE = 'tokenward'

function checked<T extends Meter | Tracer>(name: string, given: T, method: keyof T): T {
  if (typeof given?.[method] === 'function') return given
  throw optionError('observeTokens', name, `an OpenTelemetry ${name}`, given)
}
