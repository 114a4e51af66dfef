import { heard } from '../diagnostics/channels.js'
import { NotReplayedError, type TokenError } from '../errors.js'
import type { Credential, TokenSource } from '../token-source.js'
import { canBeSentTwice } from './body.js'
import { movedUrl, type Origins } from './origins.js'
import type { Platform, PlatformRequest } from './platform.js'
import { meaningForProof } from './proof.js'
import { meaningOfResponse, REJECTED, type Rejection } from './rejection.js'
import { renewal } from './renewal.js'
import { fieldsFor, schemesOf, type TokenFields } from './token-fields.js'

/** One sending of the request. */
interface Sending {
  readonly credential: Credential
  /** Where its token may go. */
  readonly origins: Origins
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
    private readonly request: PlatformRequest<Answer>,
  ) {}

  /** @throws TokenError; and as the platform does */
  send(credential: Credential): Promise<Answer> {
    const origins = this.platform.origins.of(credential)
    return this.#send({ credential, origins, isReplay: false, isProofRetry: false })
  }

  #send(sending: Sending): Promise<Answer> {
    const { credential } = sending
    heard('use')?.publish({ sessionId: credential.sessionId })
    const fields = fieldsFor(credential, this.platform.fieldFor, this.request)
    return fields instanceof Promise
      ? fields.then((proved) => this.#dispatch(sending, proved))
      : this.#dispatch(sending, fields)
  }

  #dispatch(sending: Sending, fields: TokenFields): Promise<Answer> {
    const { isRejected, answers } = this.platform
    const next = (answer: Answer) => {
      const isOrdinary = !isRejected && !sending.credential.prover
      if (isOrdinary && answers.statusOf(answer) < 300) return answers.passOn(answer)
      return this.#go(sending, fields, answer)
    }
    return this.request.send(fields, next, sending.origins)
  }

  async #go(sending: Sending, fields: TokenFields, answer: Answer): Promise<Answer> {
    const { answers } = this.platform
    let next: Next
    try {
      next = await this.#next(sending, fields, answer)
    } catch (thrown) {
      answers.discard(answer)
      throw thrown
    }
    if ('reason' in next) return answers.passOn(answer, next.reason)
    answers.discard(answer)
    return this.#send(next)
  }

  async #next(sending: Sending, fields: TokenFields, answer: Answer): Promise<Next> {
    const { request, platform } = this
    const { isRejected, answers } = platform
    const ofProof = this.#meaningForProof(sending, answer)
    if (ofProof === 'prove') return { ...sending, isProofRetry: true }
    if (ofProof === 'renew') return this.#renew(sending, REJECTED)
    if (ofProof) return this.#told(sending, { reason: ofProof })
    if (isRejected && (await isRejected(answer))) return this.#renew(sending, REJECTED)
    if (await request.follow(answer, sending.origins)) return { ...sending, isProofRetry: false }
    const meaning = meaningOfResponse(
      answers.statusOf(answer),
      answers.headerOf(answer, 'www-authenticate'),
      schemesOf(fields),
      sending.credential.token,
    )
    if (!meaning) return { reason: undefined }
    if (!('code' in meaning)) return this.#renew(sending, meaning)
    return this.#told(sending, { reason: request.isStray ? stray() : meaning })
  }

  #meaningForProof(
    { credential, isProofRetry }: Sending,
    answer: Answer,
  ): 'prove' | 'renew' | TokenError | undefined {
    const { source, request } = this
    const { answers } = this.platform
    if (!credential.prover || request.isStray) return undefined
    const header = (name: string) => answers.headerOf(answer, name)
    return meaningForProof(
      { source, credential, body: request.body, isProofRetry },
      { url: request.url, status: answers.statusOf(answer), header },
    )
  }

  async #renew(sending: Sending, rejection: Rejection): Promise<Next> {
    const { credential, isReplay } = sending
    const { source, request } = this
    if (request.isStray) return this.#told(sending, { reason: stray() })
    const isRepeatable = canBeSentTwice(request.body)
    const refused = { source, credential, isReplay, isRepeatable, rejection }
    const renewed = await renewal(refused, () => request.bounds())
    if (!renewed || 'code' in renewed) return this.#told(sending, { reason: renewed })
    const origins = this.platform.origins.of(renewed)
    if (!request.isBoundTo(origins)) {
      const url = movedUrl(request.url, sending.origins, origins)
      if (url === undefined) return this.#told(sending, { reason: moved() })
      await request.moveTo(url)
    }
    const next = { credential: renewed, origins, isReplay: true, isProofRetry: false }
    return this.#told(sending, next)
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
