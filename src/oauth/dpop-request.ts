import type { DPoPHandle } from 'oauth4webapi'
import { TokenOptionsError } from '../errors.js'
import { DpopNonceCache } from '../http/dpop-nonce-cache.js'
import type { DpopKey } from '../tokens/dpop-key.js'
import type { DpopClaims } from '../tokens/dpop-signer.js'
import { isText } from './answer-body.js'
import { parseObject } from '../http/token-body.js'
import { generateDpopKey, proofHandle, type DpopOptions } from './dpop.js'
import type { GrantRequest } from './grant.js'
import { isSuccess, type TokenFetchResponse } from './transport.js'

/** Makes one request with what adds the proof to it, if there is to be one. */
type SendWith = (proof: DPoPHandle | undefined) => Promise<TokenFetchResponse>

/** What a proof says of the request. */
type Proved = Pick<DpopClaims, 'method' | 'url'>

/**
 * The proofs of a client's token requests (RFC 9449 §5, §8).
 *
 * @internal
 */
export class TokenProofs {
  /** The token endpoint's: one for all sessions of the client, and no secret. */
  readonly #memory = new DpopNonceCache()
  readonly #options: DpopOptions | undefined
  /** So that a device that polls has one key, however often it asks. */
  readonly #made = new WeakMap<GrantRequest, Promise<DpopKey>>()

  constructor(dpop: boolean | DpopOptions | undefined) {
    this.#options = dpop === true ? {} : dpop || undefined
  }

  /** The session's own, or a new one for what begins a session, if the client is to have any. */
  async keyFor(request: GrantRequest): Promise<DpopKey | undefined> {
    const { dpopKey, spendsRefreshToken } = request
    const isWanted = this.#options && !dpopKey && !spendsRefreshToken
    if (!isWanted) return dpopKey
    const made = this.#made.get(request) ?? generateDpopKey(this.#options)
    this.#made.set(request, made)
    return made
  }

  /**
   * Sends once more, all again, where the server wants another proof: it looks at that before it
   * spends anything.
   */
  async send(key: DpopKey | undefined, proved: Proved, send: SendWith) {
    if (!key) return send(undefined)
    const first = await this.#sendOnce(key, proved, send)
    return first.mayHelp ? (await this.#sendOnce(key, proved, send)).answer : first.answer
  }

  async #sendOnce(key: DpopKey, { method, url }: Proved, send: SendWith) {
    const answer = await send(await this.#handleFor(key, method, url))
    const { headers } = answer
    const said = { url, nonce: headers.get('dpop-nonce'), date: headers.get('date') }
    if (isSuccess(answer)) {
      return { answer, mayHelp: this.#memory.learn({ ...said, error: undefined }) }
    }
    const { error, copy } = await readError(answer)
    return { answer: copy, mayHelp: this.#memory.learn({ ...said, error }) }
  }

  async #handleFor(key: DpopKey, method: string, url: string): Promise<DPoPHandle> {
    try {
      return await proofHandle(key, { method, ...this.#memory.claimsFor(url) })
    } catch (cause) {
      throw new TokenOptionsError('`dpopKey`: no proof could be signed with it', { cause })
    }
  }
}

/** The body can be read only once: whoever reads the response next gets it from the copy. */
async function readError(
  answer: TokenFetchResponse,
): Promise<{ error: string | undefined; copy: TokenFetchResponse }> {
  const body = Promise.resolve(answer.text())
  const { status, type, headers } = answer
  const copy = { status, type, headers, text: () => body }
  const error = await body.then(
    (text) => parseObject(text)?.error,
    () => undefined, // told when the copy is read
  )
  return { error: isText(error) ? error : undefined, copy }
}
