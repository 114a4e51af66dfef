import { check } from '../../checks.js'

const DAY_MS = 24 * 60 * 60 * 1000
/** What Redis can add to its clock, and then some. */
const LONGEST_TTL_MS = 10_000 * 365 * DAY_MS

/** @internal */
export const DEFAULT_TTL_MS = 30 * DAY_MS

/** Whatever is in it: names come from outside. @internal */
export const aRecordName = check(
  'a non-empty string',
  (value) => typeof value === 'string' && value !== '',
)

/** @internal */
export const aTtl = check(
  'a whole number of milliseconds, 1 or more',
  (value) =>
    Number.isInteger(value) && (value as number) >= 1 && (value as number) <= LONGEST_TTL_MS,
)
