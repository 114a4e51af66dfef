import type { RefreshOptions, TokenSource } from 'tokenward'

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

  getAccessToken(): Promise<string> {
    this.asked++
    return this.onGet()
  }

  peek(): string | undefined {
    return this.token
  }

  refresh(options: RefreshOptions = {}): Promise<string> {
    this.refreshes.push(options)
    if (options.rejected !== this.token && this.token) return Promise.resolve(this.token)
    return this.onRefresh(options)
  }

  replayRejected(token: string): void {
    this.rejectedReplays.push(token)
  }

  isInsideRefresh(): boolean {
    return this.inside
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
