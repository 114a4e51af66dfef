import type { Credential } from '../token-source.js'
import type { TokenError } from '../errors.js'
import type { TokenFields } from './token-fields.js'
import type { WaitBounds } from './wait-bounds.js'

/** One request of an HTTP client, as the driver of attempts sees it. */
export interface Platform<Answer> {
  /** As it is sent, `GET`. */
  readonly method: string
  /** Where it is sent now; a redirect that was followed changes it. */
  readonly url: string
  readonly body: unknown
  /** Whether a redirect led where the token was not sent: the response says nothing of it. */
  readonly isStray: boolean
  /** Whether every response must be looked at, not only a refusal. */
  readonly isWatchful: boolean

  /**
   * Sends it, with the token unless it is stray.
   *
   * @param next - what becomes of every response, an error's too: one promise for both
   */
  send(fields: TokenFields, next: (answer: Answer) => Answer | Promise<Answer>): Promise<Answer>
  statusOf(answer: Answer): number
  headerOf(answer: Answer, name: string): string | readonly string[] | null | undefined
  /** Asks the user's own `isRejected`. */
  isRejected(answer: Answer): boolean | Promise<boolean>
  /** Whether the response is a redirect to follow; `url` and the rest are then of the next hop. */
  follow(answer: Answer): boolean | Promise<boolean>
  /** Whether the token of this credential may go where the request goes; may move it there. */
  aim(credential: Credential): boolean
  /** The response is read by nobody. */
  discard(answer: Answer): void
  /** Gives it to the caller: returns it, or throws its error. */
  passOn(answer: Answer, reason?: TokenError): Answer
  /** What bounds the caller's wait for a token, if anything does. */
  bounds(): WaitBounds | undefined
}
