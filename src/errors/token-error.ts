import type { TokenErrorCode } from '../errors.js'
import { foreignText } from '../foreign-text.js'
import { describeCause } from '../redact.js'

/** Nobody reads more; and what others say is often a part of it. */
const LONGEST_MESSAGE = 4_000

/** Marks every error of ours, whichever copy of the package (ESM, CJS, two versions) made it. */
const BRAND = Symbol.for('tokenward.TokenError')

/**
 * The base class of all errors of tokenward. The message is one line of visible characters without a
 * secret. The `cause` is a redacted description (name, message, code, status) of the original error,
 * never the original, because an HTTP client's error contains the request and its tokens.
 *
 * @public
 */
export abstract class TokenError<Code extends TokenErrorCode = TokenErrorCode> extends Error {
  /** Stays the same in later releases: compare this, and not the message. */
  readonly code: Code
  /**
   * `true` if the same call may succeed later without a change to the program, its configuration or
   * the login.
   */
  abstract readonly isTransient: boolean

  /** The name is passed in, since `new.target.name` does not survive a user's minifier. */
  constructor(code: Code, name: string, message: string, options: { cause?: unknown } = {}) {
    const shown = foreignText(message, LONGEST_MESSAGE)
    super(shown, options.cause === undefined ? undefined : { cause: safeCause(options.cause) })
    Object.defineProperty(this, BRAND, { value: true })
    Object.defineProperty(this, 'name', { value: name, configurable: true })
    this.code = code
    // Its first line is what a log shows of an error that nobody caught.
    const { stack } = this as { stack?: unknown } // an app's `prepareStackTrace` makes anything of it
    if (typeof stack === 'string')
      this.stack = stack.replace(/^\w*Error(?=:|\n|$)/, `${name} [${code}]`)
  }

  /** As Node.js writes its own errors: the name, the code and the message. */
  override toString(): string {
    return `${this.name} [${this.code}]: ${this.message}`
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
