import { setReason, TokenOptionsError, type TokenError } from '../../errors.js'
import type { TokenSource } from '../../token-source.js'
import { untilAborted } from '../../wait.js'
import type { Grant } from '../authorization.js'
import { takesToken } from '../origins.js'
import { meaningForProof } from '../proof.js'
import { meaningOf401 } from '../rejection.js'
import { decideReplay } from '../replay.js'
import { fieldsFor, PROOF_HEADER } from '../token-fields.js'
import { boundsOf } from './bounds.js'
import { discard } from './discard.js'
import { hideInError } from './hide-token.js'
import { firstHop, type Hop } from './hop.js'
import type { Attachment, CreateFetchOptions, Fetch } from './options.js'
import type { FetchCall } from './read-request.js'
import { asRedirected, locationOf } from './redirect.js'

/** One sending of a request. */
interface Sending {
  readonly hop: Hop
  readonly grant: Grant
  /** How many redirects led here. */
  readonly redirects: number
  /** Whether a redirect led where the token is not sent. */
  readonly isStray: boolean
  readonly isReplay: boolean
  /** Whether it was sent again for its proof alone. */
  readonly isProofRetry: boolean
}

/**
 * One request with a token: its redirects, which are followed here, since only so is it known where
 * the token goes, and its replay.
 */
export class Exchange {
  /** Made at once: `fetch` sends the body as it is when it is called. */
  readonly #first: Hop | Promise<Hop>

  constructor(
    private readonly attachment: Attachment,
    private readonly platform: Fetch,
    private readonly source: TokenSource,
    private readonly call: FetchCall,
  ) {
    this.#first = firstHop(call, this.#isNative)
    // It may fail while a token is still waited for.
    if (this.#first instanceof Promise) this.#first.catch(() => {})
  }

  async run(grant: Grant): Promise<Response> {
    const first = this.#first
    const isAtHand = !(first instanceof Promise)
    const hop = isAtHand ? first : await untilAborted(first, this.call.signal ?? undefined)
    let sending = { ...NEW, hop, grant, redirects: 0, isStray: false }
    try {
      for (;;) {
        const response = await this.#send(sending)
        const next = await this.#after(sending, response)
        if (!next) return sending.redirects > 0 ? asRedirected(response) : response
        discard(response)
        sending = next
      }
    } finally {
      sending.hop.release()
    }
  }

  /**
   * No copy of the standard's classes takes a `Request` of another. A fetch that was given may be of
   * either; with one of the global class, it is not relied on.
   */
  get #isNative(): boolean {
    const isGlobal = this.call.request instanceof globalThis.Request
    return isGlobal !== Boolean(this.attachment.fetch)
  }

  async #send({ hop, grant, isStray }: Sending): Promise<Response> {
    const { attachment, platform, call } = this
    const headers = new Headers(hop.headers)
    // Where there is no token, the platform may go on by itself.
    if (isStray) return platform(...hop.take(headers, 'follow'))
    const made = fieldsFor(grant, attachment.fieldFor, hop)
    const { field, proof } = made instanceof Promise ? await made : made
    headers.set(attachment.header, field)
    if (proof !== undefined) headers.set(PROOF_HEADER, proof)
    const redirect = call.redirect === 'follow' ? 'manual' : call.redirect
    try {
      return await platform(...hop.take(headers, redirect))
    } catch (thrown) {
      if (call.signal?.aborted && thrown === call.signal.reason) throw thrown
      throw hideInError(thrown, proof === undefined ? [grant.token] : [grant.token, proof])
    }
  }

  /** What to send after this answer; `undefined`: nothing, it is the caller's. */
  async #after(sending: Sending, response: Response): Promise<Sending | undefined> {
    try {
      const ofProof = this.#meaningForProof(sending, response)
      if (ofProof === 'prove') return { ...sending, isProofRetry: true }
      if (ofProof === undefined) {
        const location = this.#locationOf(sending, response)
        if (location !== undefined) return await this.#follow(sending, response.status, location)
      }
      const meaning = ofProof ?? (await this.#meaningOf(sending, response))
      return meaning && (await this.#decide(sending, response, meaning))
    } catch (thrown) {
      discard(response)
      throw thrown
    }
  }

  #meaningForProof(
    { hop, grant, isStray, isProofRetry }: Sending,
    response: Response,
  ): 'prove' | TokenError | undefined {
    if (!grant.prover || isStray) return undefined
    const header = (name: string) => response.headers.get(name)
    const request = { source: this.source, grant, body: hop.body, isProofRetry }
    return meaningForProof(request, { url: hop.url, status: response.status, header })
  }

  #locationOf({ hop, redirects, isStray }: Sending, response: Response): string | undefined {
    if (isStray || this.call.redirect !== 'follow') return undefined
    return locationOf(response, hop.url, redirects)
  }

  async #follow(sending: Sending, status: number, location: string): Promise<Sending> {
    const { origins, header } = this.attachment
    const hop = await sending.hop.redirected(status, location)
    sending.hop.release()
    const isStray = !takesToken(origins.targetOf(location), header)
    return { ...sending, hop, isStray, redirects: sending.redirects + 1, isProofRetry: false }
  }

  async #meaningOf(
    { grant }: Sending,
    response: Response,
  ): Promise<'renew' | TokenError | undefined> {
    const { isRejected } = this.attachment
    if (isRejected && (await ask(isRejected, response))) return 'renew'
    if (response.status !== 401) return undefined
    return meaningOf401(response.headers?.get('www-authenticate'), grant.prover !== undefined)
  }

  async #decide(
    sending: Sending,
    response: Response,
    meaning: 'renew' | TokenError,
  ): Promise<Sending | undefined> {
    const { hop, grant, isReplay, isStray } = sending
    const request = { source: this.source, grant, body: hop.body, isReplay, isStray }
    const decision = await decideReplay(request, meaning, boundsOf(this.call.signal))
    if ('grant' in decision) return { ...sending, ...NEW, grant: decision.grant, isReplay: true }
    if (decision.reason) setReason(response, decision.reason)
    return undefined
  }
}

const NEW = { isReplay: false, isProofRetry: false }

/** A function that throws must not turn an answer into a mystery, nor one that reads it. */
async function ask(
  isRejected: NonNullable<CreateFetchOptions['isRejected']>,
  response: Response,
): Promise<boolean> {
  let answer: boolean
  try {
    answer = (await isRejected(response)) === true
  } catch (cause) {
    throw new TokenOptionsError('isRejected: must not throw, and did', { cause })
  }
  if (!response.bodyUsed) return answer
  throw new TokenOptionsError(
    'isRejected: must read a clone of the response, and read the response',
  )
}
