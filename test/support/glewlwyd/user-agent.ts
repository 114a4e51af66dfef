/** Sends requests as one browser does: with the cookies that it was given, showing redirects. */
export class UserAgent {
  readonly #cookies = new Map<string, string>()

  async request(
    url: string | URL,
    options: { method?: string; json?: unknown } = {},
  ): Promise<Response> {
    const { method = 'GET', json } = options
    const answer = await fetch(url, {
      method,
      headers: {
        cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; '),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: json === undefined ? undefined : JSON.stringify(json),
      redirect: 'manual',
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      this.#cookies.set(name, value)
    }
    return answer
  }

  /** As `request`, for what must succeed. */
  async demand(
    url: string | URL,
    options: { method?: string; json?: unknown } = {},
  ): Promise<string> {
    const answer = await this.request(url, options)
    const body = await answer.text()
    if (answer.ok) return body
    const { pathname } = new URL(url)
    throw new Error(`${options.method ?? 'GET'} ${pathname}: HTTP ${answer.status} ${body}`)
  }
}
