/** By name, so that it is found whichever copy of the package (ESM, CJS) made the error. */
const REFRESH_TOKEN = Symbol.for('tokenward.refreshToken')

/**
 * Has an error carry the refresh token of a response that gave no access token: the server may have
 * rotated it, and who throws it away loses the session. In a function, where nothing shows it.
 *
 * @internal
 */
export function carryRefreshToken<E extends Error>(error: E, refreshToken: unknown): E {
  if (typeof refreshToken !== 'string' || refreshToken === '') return error
  Object.defineProperty(error, REFRESH_TOKEN, { value: () => refreshToken, configurable: true })
  return error
}

/** @internal */
export function carriedRefreshToken(error: object): string | undefined {
  return (error as { [REFRESH_TOKEN]?: () => string })[REFRESH_TOKEN]?.()
}
