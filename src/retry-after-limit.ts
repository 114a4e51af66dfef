/**
 * The longest wait that a server may ask for with `Retry-After`: more counts as this. A server whose
 * clock is wrong cannot lock a session up for a day.
 */
export const LONGEST_RETRY_AFTER_MS = 60 * 60_000
