import type { Issued, Peer } from './peer.ts'
import { secondsLeft } from './wire.ts'

/** As many fields as it takes to hand out a token while it is fresh, and to renew it one day. */
class SmallestSession {
  readonly #options: object
  readonly #tokens: object
  readonly #freshUntil: number

  constructor(options: object, { accessToken, refreshToken }: Issued, expiresIn: number) {
    const issuedAt = Date.now()
    const expiresAt = issuedAt + expiresIn * 1000
    this.#options = { ...options }
    this.#tokens = { accessToken, tokenType: 'Bearer', refreshToken, expiresAt, issuedAt }
    this.#freshUntil = expiresAt
  }

  get token(): object | undefined {
    return Date.now() < this.#freshUntil ? this.#tokens : this.#options
  }
}

const refresh = () => Promise.reject(new Error('not to be called'))

/** What nobody can do without who holds a session: the fields, unread and unchecked. */
export const smallestSession: Peer = {
  name: 'the fields alone, unchecked',
  session: (issued) => new SmallestSession({ refresh }, issued, secondsLeft(issued)),
}
