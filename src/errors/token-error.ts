import type { TokenErrorCode } from '../errors.js'
import { foreignText } from '../foreign-text.js'
import { describeCause } from '../redact.js'

/** Nobody reads more; and what others say is often a part of it. */
const LONGEST_MESSAGE = 4_000

/** Marks every error of ours, whichever copy of the package (ESM, CJS, two versions) made it. */
const BRAND = Symbol.for('tokenward.TokenError')

/**
 * The base of every error of ours. Its message is one line of visible characters without a secret.
 * Its `cause` is a redacted description (name, message, code, status) of what was thrown, never the
 * thing itself: an HTTP client's error carries the request, and with it the tokens.
 *
 * @public
 */
export abstract class TokenError extends Error {
  abstract readonly code: TokenErrorCode
  /** `true` if the same call may succeed later without anyone fixing anything. */
  abstract readonly isTransient: boolean

  /** The name is passed in, since `new.target.name` does not survive a user's minifier. */
  constructor(name: string, message: string, options: { cause?: unknown } = {}) {
    const shown = foreignText(message, LONGEST_MESSAGE)
    super(shown, options.cause === undefined ? undefined : { cause: safeCause(options.cause) })
    Object.defineProperty(this, BRAND, { value: true })
    Object.defineProperty(this, 'name', { value: name, configurable: true })
  }
}

/**
 * Whether the value is an error of ours, made by this copy of the package or another.
 *
 * @internal
 */
export function isBranded(value: unknown): value is TokenError {
  return typeof value === 'object' && value !== null && BRAND in value
}

function safeCause(cause: unknown): Error {
  return isBranded(cause) ? cause : describeCause(cause)
}
