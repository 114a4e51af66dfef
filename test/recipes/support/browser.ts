/** A click that takes longer hangs. */
const LONGEST_WAIT_MS = 30_000

/** A browser of one user, which follows no redirect by itself and keeps its cookies by the name. */
export class RecipeBrowser {
  readonly cookies: Map<string, string>
  readonly #origin: string
  /** Of those that say how long they live, in seconds. */
  readonly #lifetimes: Map<string, number>

  constructor(
    origin: string,
    cookies = new Map<string, string>(),
    lifetimes = new Map<string, number>(),
  ) {
    // prettier-ignore
    this.#origin = origin
    this.cookies = cookies
    this.#lifetimes = lifetimes
  }

  /** The same browser, whose requests a balancer leads elsewhere. */
  at(origin: string): RecipeBrowser {
    return new RecipeBrowser(origin, this.cookies, this.#lifetimes)
  }

  /** Who has stolen the cookies. */
  copy(): RecipeBrowser {
    return new RecipeBrowser(this.#origin, new Map(this.cookies))
  }

  /** The user comes back so much later: what has lived for that long is gone. */
  wait(seconds: number): void {
    for (const [name, lifetime] of this.#lifetimes) {
      this.#lifetimes.set(name, lifetime - seconds)
      if (lifetime <= seconds) this.cookies.delete(name)
    }
  }

  get(path: string): Promise<Response> {
    return this.#send(path, {})
  }

  post(path: string, form: Record<string, string>): Promise<Response> {
    return this.#send(path, { method: 'POST', body: new URLSearchParams(form) })
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ')
    const response = await fetch(this.#origin + path, {
      ...init,
      headers: { cookie },
      redirect: 'manual',
      signal: AbortSignal.timeout(LONGEST_WAIT_MS), // a server keeps a connection open for longer
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const lifetime = /; Max-Age=(\d+)/i.exec(line)?.[1]
      if (lifetime === undefined) this.#lifetimes.delete(name)
      else this.#lifetimes.set(name, Number(lifetime))
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }
}
