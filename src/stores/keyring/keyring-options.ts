import { check } from '../../checks.js'

/** How long the keyring is waited for: shorter than what a manager gives a load or a save. */
export const KEYRING_TIMEOUT_MS = 3_000

/** @internal */
export const aTimeout = check(
  'a number of milliseconds above 0',
  (value) => typeof value === 'number' && value > 0 && value < 2 ** 31,
)
