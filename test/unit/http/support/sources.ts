import {
  LoginRequiredError,
  NotReplayedError,
  type Credential,
  type RefreshOptions,
  type RenewOptions,
  type TokenProver,
  type TokenSource,
} from 'tokenward'

/** A source in memory that counts, and whose every answer a test can drive. */
export class FakeSource implements TokenSource {
  token: string | undefined
  sessionId: string | undefined = 'session-1'
  asked = 0
  refreshes: RefreshOptions[] = []
  rejectedReplays: string[] = []
  inside = false
  /** What `refresh` does; by default it gives the next token, once for those who ask at once. */
  onRefresh: (options: RefreshOptions) => Promise<string> = () => this.#share()
  onGet: () => Promise<string> = async () => this.token ?? (await this.#share())
  #next: string[]
  #flight: Promise<string> | undefined
  renewals = 0

  constructor(...tokens: string[]) {
    this.token = tokens[0]
    this.#next = tokens.slice(1)
  }

  getAccessToken(_options?: { signal?: AbortSignal }): Promise<string> {
    this.asked++
    return this.onGet()
  }

  peek(): string | undefined {
    return this.token
  }

  /** What proves a token, where a test wants it proved. */
  proverFor?: (token: string) => TokenProver | undefined
  expiresAt: number | undefined
  extra: Record<string, unknown> | undefined
  /** What was asked of each new token. */
  renewed: RenewOptions[] = []

  current(): Credential | 'inside' | undefined {
    if (this.inside) return 'inside'
    const token = this.peek()
    return token === undefined ? undefined : this.#credential(token)
  }

  async renew(rejected?: Credential, options: RenewOptions = {}): Promise<Credential> {
    this.renewed.push(options)
    const { isReplay, signal } = options
    if (!rejected) {
      const before = this.sessionId
      const first = await this.getAccessToken(signal && { signal })
      if (before === undefined || before === this.sessionId) return this.#credential(first)
      throw new LoginRequiredError('another login', { reason: 'session-changed' })
    }
    const { token, sessionId } = rejected
    if (isReplay) {
      this.rejectedReplays.push(token)
      throw new NotReplayedError('rejected again', { reason: 'already-replayed' })
    }
    if (this.sessionId && sessionId && sessionId !== this.sessionId) {
      throw new LoginRequiredError('another login', { reason: 'session-changed' })
    }
    const renewed = await this.refresh({
      rejected: token,
      ...(sessionId && { sessionId }),
      ...(signal && { signal }),
    })
    if (renewed === token) this.rejectedReplays.push(token)
    return this.#credential(renewed)
  }

  refresh(options: RefreshOptions = {}): Promise<string> {
    this.refreshes.push(options)
    if (options.rejected !== this.token && this.token) return Promise.resolve(this.token)
    return this.onRefresh(options)
  }

  #credential(token: string): Credential {
    const prover = this.proverFor?.(token)
    const { sessionId, expiresAt, extra } = this
    return { token, sessionId, expiresAt, extra, ...(prover && { prover }) }
  }

  #share(): Promise<string> {
    this.#flight ??= Promise.resolve().then(() => {
      this.renewals++
      this.#flight = undefined
      return (this.token = this.#next.shift() ?? `token-${this.renewals + 1}`)
    })
    return this.#flight
  }
}

/** A promise that the test settles. */
export function held<T>(): {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (reason: unknown) => void
} {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
