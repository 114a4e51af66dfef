/**
 * Whatever a server says: neither a flood of requests nor a wait that outlasts its reason. A wait
 * that is too short costs one more request, one that is too long costs a user's session.
 */
export const SHORTEST_NAMED_MS = 1_000
export const LONGEST_NAMED_MS = 10 * 60_000
