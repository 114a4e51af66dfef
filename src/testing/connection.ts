/**
 * What `fetch` rejects with when the connection breaks. The code stands on the error as well as on
 * its cause: by `code` and `errno` msw knows that a handler means a network error, not a bug.
 */
export function connectionReset(): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), RESET)
  return Object.assign(new TypeError('fetch failed', { cause }), RESET)
}

/** Whether the error is meant for the connection, not for the caller. */
export function isConnectionReset(error: unknown): boolean {
  return error instanceof TypeError && (error as { code?: unknown }).code === RESET.code
}

const RESET = { code: 'ECONNRESET', errno: -104, syscall: 'read' } as const
