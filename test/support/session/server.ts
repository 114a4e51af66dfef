import { LoginRequiredError, type NamedTokens, type RefreshContext } from 'tokenward'

/** A login at the model server. Names are readable: `ann/access-1`, `ann/refresh-1`. */
export interface IssuedTokens extends NamedTokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly expiresIn: number
}

interface Family {
  current: string
  issued: number
  underWay: number
  isRevoked: boolean
}

/**
 * A model of an authorization server, without HTTP: each refresh rotates, and a spent refresh token
 * that comes again ends the whole family (RFC 9700 §4.14.2).
 */
export class SessionServer {
  /** Every refresh token that was presented, in order. */
  readonly presented: string[] = []
  /** Those of them that had been spent before. */
  readonly reused: string[] = []
  /** The most token requests that were under way at once for one session. */
  mostUnderWay = 0
  readonly #families = new Map<string, Family>()
  readonly #lifetimeSeconds: number

  constructor(lifetimeSeconds = 300) {
    this.#lifetimeSeconds = lifetimeSeconds
  }

  /** `user` names the session: one login each. */
  login(user: string): IssuedTokens {
    const family = { current: '', issued: 0, underWay: 0, isRevoked: false }
    this.#families.set(user, family)
    return this.#issue(user, family)
  }

  /** Ends the session at the server. */
  endSession(user: string): void {
    this.#family(user).isRevoked = true
  }

  /** What the token endpoint does with the request, at once. */
  process(refreshToken: string): IssuedTokens {
    const user = userOf(refreshToken)
    const family = this.#family(user)
    this.presented.push(refreshToken)
    if (refreshToken !== family.current && !family.isRevoked) {
      this.reused.push(refreshToken)
      family.isRevoked = true
    }
    if (family.isRevoked) throw new LoginRequiredError()
    return this.#issue(user, family)
  }

  /** A `refresh` function whose requests are answered at once. */
  readonly refresh = async ({ refreshToken }: RefreshContext): Promise<IssuedTokens> =>
    this.process(refreshToken)

  /** A `refresh` function whose steps to and from the server take as long as `step` does. */
  refreshBy(step: (label: string) => Promise<unknown>) {
    return async ({ refreshToken }: RefreshContext): Promise<IssuedTokens> => {
      const family = this.#family(userOf(refreshToken))
      family.underWay += 1
      this.mostUnderWay = Math.max(this.mostUnderWay, family.underWay)
      try {
        await step(`request with ${refreshToken}`)
        const tokens = this.process(refreshToken)
        await step(`answer ${tokens.accessToken}`)
        return tokens
      } finally {
        family.underWay -= 1
      }
    }
  }

  /** A `refresh` function whose requests the test answers one by one. */
  hold(): HeldRequests {
    return new HeldRequests(this)
  }

  #issue(user: string, family: Family): IssuedTokens {
    family.issued += 1
    family.current = `${user}/refresh-${family.issued}`
    return {
      accessToken: `${user}/access-${family.issued}`,
      refreshToken: family.current,
      expiresIn: this.#lifetimeSeconds,
    }
  }

  #family(user: string): Family {
    const family = this.#families.get(user)
    if (!family) throw new Error(`nobody named ${user} has logged in`)
    return family
  }
}

/** Whose token it is. */
export function userOf(token: string): string {
  return token.slice(0, token.indexOf('/'))
}

/** One token request that waits for the test. */
export interface HeldRequest {
  readonly refreshToken: string
  readonly signal: AbortSignal
  /** The server does it, and the answer arrives. */
  answer(): void
  /** The server does it, and the answer is on its way: `arrive` lets it come. */
  process(): { arrive: () => void }
  /** The server did nothing, or its answer is this error. */
  fail(error: unknown): void
}

/** Requests of a `refresh` that ignores its signal: they end when the test ends them. */
export class HeldRequests {
  readonly all: HeldRequest[] = []
  readonly #server: SessionServer

  constructor(server: SessionServer) {
    this.#server = server
  }

  /** The latest request. */
  get last(): HeldRequest {
    const last = this.all.at(-1)
    if (!last) throw new Error('no token request was sent')
    return last
  }

  readonly refresh = ({ refreshToken, signal }: RefreshContext): Promise<IssuedTokens> =>
    new Promise((resolve, reject) => {
      const process = () => {
        try {
          const tokens = this.#server.process(refreshToken)
          return { arrive: () => resolve(tokens) }
        } catch (error) {
          return { arrive: () => reject(error) }
        }
      }
      this.all.push({
        refreshToken,
        signal,
        process,
        answer: () => process().arrive(),
        fail: (error) => reject(error),
      })
    })
}
