import { now } from '../clock.js'
import { parseHttpDate } from './retry-after.js'

/** What a server said of a proof that was sent to it. */
export interface ProofAnswer {
  /** Where the proof was sent. */
  readonly url: string
  /** The error that the server refused the request with, if it did. */
  readonly error: string | undefined
  /** The headers `DPoP-Nonce` and `Date`, as they came. */
  readonly nonce: string | null | undefined
  readonly date: string | null | undefined
}

interface Server {
  nonce: string | undefined
  clockOffsetMs: number
}

/** A `Date` header has whole seconds and a response takes time: less than this is no offset. */
const CLOCK_LEEWAY_MS = 5_000
const MOST_SERVERS = 100
/** RFC 9449 §8.1. One of another form, or one that makes a header too long to be sent, is none. */
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,2048}$/

/**
 * What servers want of proofs, each by its origin: a nonce of theirs (RFC 9449 §8, §9), and a time
 * by their clock.
 *
 * @internal
 */
export class DpopNonceCache {
  readonly #servers = new Map<string, Server>()

  /** What a proof for this URL is to say: `issuedAt` in epoch seconds. */
  claimsFor(url: string): { nonce?: string; issuedAt: number } {
    const { nonce, clockOffsetMs = 0 } = this.#servers.get(new URL(url).origin) ?? {}
    const issuedAt = Math.floor((now() + clockOffsetMs) / 1000)
    return { issuedAt, ...(nonce !== undefined && { nonce }) }
  }

  /**
   * Every response may bring the next nonce, a success too. The clock is looked at only where a proof
   * was refused: a cached response has an old `Date`.
   *
   * @returns whether the request was refused for its proof, and another proof may do
   */
  learn({ url, error, nonce: said, date }: ProofAnswer): boolean {
    const nonce = said && NONCE.test(said) ? said : undefined
    const isRefused = error === 'use_dpop_nonce' || error === 'invalid_dpop_proof'
    if (!nonce && !isRefused) return false
    const { origin } = new URL(url)
    const before = this.#servers.get(origin) ?? { nonce: undefined, clockOffsetMs: 0 }
    const after = {
      nonce: nonce ?? before.nonce,
      clockOffsetMs: isRefused ? offsetOf(date, before.clockOffsetMs) : before.clockOffsetMs,
    }
    this.#remember(origin, after)
    if (error === 'use_dpop_nonce') return Boolean(nonce)
    return isRefused && Math.abs(after.clockOffsetMs - before.clockOffsetMs) > CLOCK_LEEWAY_MS
  }

  /** The one that was heard of longest ago makes room. */
  #remember(origin: string, server: Server): void {
    this.#servers.delete(origin)
    this.#servers.set(origin, server)
    if (this.#servers.size <= MOST_SERVERS) return
    const [oldest] = this.#servers.keys()
    this.#servers.delete(oldest!)
  }
}

/** @param known - what was known before */
function offsetOf(date: string | null | undefined, known: number): number {
  const serverTime = parseHttpDate(date)
  if (serverTime === undefined) return known
  const offsetMs = serverTime - now()
  return Math.abs(offsetMs) > CLOCK_LEEWAY_MS ? offsetMs : 0
}
