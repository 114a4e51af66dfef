import type { TokenError } from '../errors.js'
import type { TokenHeader } from './adapter-options.js'
import type { BoundOrigins, Origins } from './origins.js'
import type { TokenFields } from './token-fields.js'
import type { WaitBounds } from './wait-bounds.js'

/** An HTTP client as the driver of attempts sees it, with the options of one adapter. */
export interface Platform<Answer> extends TokenHeader {
  readonly origins: BoundOrigins
  /** Asks the user's own function, if there is one: every response is looked at then. */
  readonly isRejected: ((answer: Answer) => Promise<boolean>) | undefined
  readonly answers: Answers<Answer>
}

/** The responses of an HTTP client. */
export interface Answers<Answer> {
  statusOf(answer: Answer): number
  headerOf(answer: Answer, name: string): string | readonly string[] | null | undefined
  /** The response is read by nobody. */
  discard(answer: Answer): void
  /** Gives it to the caller: returns it, or throws its error. */
  passOn(answer: Answer, reason?: TokenError): Answer
}

/** One request of an HTTP client. */
export interface PlatformRequest<Answer> {
  /** As it is sent, `GET`. */
  readonly method: string
  /** Where it is sent now; a redirect that was followed changes it. */
  readonly url: string
  readonly body: unknown
  /** Whether a redirect led where the token was not sent: the response says nothing of it. */
  readonly isStray: boolean

  /**
   * Sends it, with the token unless it is stray.
   *
   * @param next - what becomes of every response, an error's too: one promise for both
   * @param origins - where the token may go
   */
  send(
    fields: TokenFields,
    next: (answer: Answer) => Answer | Promise<Answer>,
    origins: Origins,
  ): Promise<Answer>
  /** Whether the response is a redirect to follow; `url` and the rest are then of the next hop. */
  follow(answer: Answer, origins: Origins): boolean | Promise<boolean>
  /** Whether it leads to one of them now. */
  isBoundTo(origins: Origins): boolean
  /** Its host has moved. */
  moveTo(url: string): void | Promise<void>
  /** What bounds the caller's wait for a token, if anything does. */
  bounds(): WaitBounds | undefined
}
