export { observeTokens } from './otel/observe-tokens.js'
export type { ObserveOptions, StopObserving } from './otel/observe-tokens.js'
