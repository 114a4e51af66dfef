import { heard } from '../diagnostics/channels.js'
import { NotReplayedError, type TokenError } from '../errors.js'
import type { Credential, TokenSource } from '../token-source.js'
import { canBeSentTwice } from './body.js'
import type { Platform } from './platform.js'
import { meaningForProof } from './proof.js'
import { meaningOfResponse, REJECTED, type Rejection } from './rejection.js'
import { renewal } from './renewal.js'
import { fieldsFor, schemesOf, type TokenFields } from './token-fields.js'

/** One sending of the request. */
interface Sending {
  readonly credential: Credential
  readonly isReplay: boolean
  /** Whether it was sent again for its proof alone. */
  readonly isProofRetry: boolean
}

/** What to send next, or why the response is passed on. */
type Next = Sending | { readonly reason: TokenError | undefined }

/**
 * The driver of attempts, the same for every HTTP client. It makes one request with a token, and does what each
 * response leads to. The order is: another proof, a redirect, a rejection, a renewal, a replay
 * (laws 9, 10 and 11).
 *
 * @internal
 */
export class AuthorizedRequest<Answer> {
  constructor(
    private readonly source: TokenSource,
    private readonly platform: Platform<Answer>,
    private readonly fieldFor: (token: string) => string,
  ) {}

  /** @throws TokenError; and as the platform does */
  send(credential: Credential): Promise<Answer> {
    return this.#send({ credential, isReplay: false, isProofRetry: false })
  }

  #send(sending: Sending): Promise<Answer> {
    const { credential } = sending
    heard('use')?.publish({ sessionId: credential.sessionId })
    const fields = fieldsFor(credential, this.fieldFor, this.platform)
    return fields instanceof Promise
      ? fields.then((proved) => this.#dispatch(sending, proved))
      : this.#dispatch(sending, fields)
  }

  #dispatch(sending: Sending, fields: TokenFields): Promise<Answer> {
    const { platform } = this
    return platform.send(fields, (answer) => {
      const isOrdinary = !platform.isWatchful && !sending.credential.prover
      if (isOrdinary && platform.statusOf(answer) < 300) return platform.passOn(answer)
      return this.#go(sending, fields, answer)
    })
  }

  async #go(sending: Sending, fields: TokenFields, answer: Answer): Promise<Answer> {
    const { platform } = this
    let next: Next
    try {
      next = await this.#next(sending, fields, answer)
    } catch (thrown) {
      platform.discard(answer)
      throw thrown
    }
    if ('reason' in next) return platform.passOn(answer, next.reason)
    platform.discard(answer)
    return this.#send(next)
  }

  async #next(sending: Sending, fields: TokenFields, answer: Answer): Promise<Next> {
    const { platform } = this
    const ofProof = this.#meaningForProof(sending, answer)
    if (ofProof === 'prove') return { ...sending, isProofRetry: true }
    if (ofProof === 'renew') return this.#renew(sending, REJECTED)
    if (ofProof) return this.#told(sending, { reason: ofProof })
    if (await platform.isRejected(answer)) return this.#renew(sending, REJECTED)
    if (await platform.follow(answer)) return { ...sending, isProofRetry: false }
    const meaning = meaningOfResponse(
      platform.statusOf(answer),
      platform.headerOf(answer, 'www-authenticate'),
      schemesOf(fields),
      sending.credential.token,
    )
    if (!meaning) return { reason: undefined }
    if (platform.isStray) return this.#told(sending, { reason: stray() })
    if ('code' in meaning) return this.#told(sending, { reason: meaning })
    return this.#renew(sending, meaning)
  }

  #meaningForProof(
    { credential, isProofRetry }: Sending,
    answer: Answer,
  ): 'prove' | 'renew' | TokenError | undefined {
    const { platform, source } = this
    if (!credential.prover || platform.isStray) return undefined
    const header = (name: string) => platform.headerOf(answer, name)
    return meaningForProof(
      { source, credential, body: platform.body, isProofRetry },
      { url: platform.url, status: platform.statusOf(answer), header },
    )
  }

  async #renew(sending: Sending, rejection: Rejection): Promise<Next> {
    const { credential, isReplay } = sending
    const { source, platform } = this
    if (platform.isStray) return this.#told(sending, { reason: stray() })
    const isRepeatable = canBeSentTwice(platform.body)
    const request = { source, credential, isReplay, isRepeatable, rejection }
    const renewed = await renewal(request, () => platform.bounds())
    if (!renewed || 'code' in renewed) return this.#told(sending, { reason: renewed })
    if (!platform.aim(renewed)) return this.#told(sending, { reason: moved() })
    return this.#told(sending, { credential: renewed, isReplay: true, isProofRetry: false })
  }

  #told({ credential: { sessionId } }: Sending, next: Next): Next {
    heard('rejection')?.publish(
      'reason' in next
        ? { sessionId, outcome: 'passed-on', error: next.reason }
        : { sessionId, outcome: 'replayed', error: undefined },
    )
    return next
  }
}

function stray(): TokenError {
  return new NotReplayedError(
    'The response came from the target of a redirect, to which the token was not sent',
    { reason: 'origin' },
  )
}

function moved(): TokenError {
  return new NotReplayedError(
    'The new token is for other origins than the one that the request was sent to',
    { reason: 'origin' },
  )
}
