import { diag } from '@opentelemetry/api'
import type { Channel } from '../diagnostics/channels.js'

/** What listens to which channel. */
export type Listeners = readonly (readonly [Channel, (message: never) => void])[]

/**
 * What a listener throws ends the process (`uncaughtException`): a broken meter must not.
 *
 * @internal
 */
export function quietly(listeners: Listeners): Listeners {
  return listeners.map(([channel, listener]) => {
    const guarded = (message: never) => {
      try {
        listener(message)
      } catch (error) {
        diag.error('tokenward: telemetry failed', error)
      }
    }
    return [channel, guarded]
  })
}
