import { describe, type OptionCheck } from '../option-checks.js'

/** Also one of another realm or a polyfill. @internal */
export const signalCheck: OptionCheck = (value) => {
  const isSignal =
    typeof value === 'object' && value !== null && 'aborted' in value && 'addEventListener' in value
  return isSignal ? undefined : `an AbortSignal wanted, got ${describe(value)}`
}
