const MOST_PAGES = 20

/** A browser that knows forms, cookies and redirects, and a user who fills in each form alike. */
export class UserAgent {
  readonly #cookies = new Map<string, string>()
  readonly #answers: Record<string, string>

  constructor(answers: Record<string, string>) {
    this.#answers = answers
  }

  /** Follows redirects and submits each page's form, until the server leads back to the app. */
  async browseBackTo(redirectUri: string, start: URL): Promise<URL> {
    const end = await this.#browse(start, (url) => url.href.startsWith(redirectUri))
    if (typeof end === 'string') throw new Error(`The server led to a page: ${end}`)
    return end
  }

  /** The same, until a page has no form: its text. */
  async browseToEnd(start: URL): Promise<string> {
    return String(await this.#browse(start, () => false))
  }

  /** The first page that the server shows, with no form submitted. */
  async look(start: URL): Promise<string> {
    return String(await this.#browse(start, () => false, 0))
  }

  async #browse(
    start: URL,
    isEnd: (url: URL) => boolean,
    mostForms = MOST_PAGES,
  ): Promise<URL | string> {
    let forms = 0
    let url = start
    let form: URLSearchParams | undefined
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const page = await fetch(url, {
        method: form ? 'POST' : 'GET',
        body: form,
        headers: { cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') },
        redirect: 'manual',
      })
      this.#keepCookies(page)
      const location = page.headers.get('location')
      if (location !== null) {
        url = new URL(location, url)
        form = undefined
        if (isEnd(url)) return url
        continue
      }
      const html = await page.text()
      const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]
      if (action === undefined || forms++ === mostForms) return html
      url = new URL(action, url)
      form = new URLSearchParams({ ...hiddenFields(html), ...this.#answers })
    }
    throw new Error(`It did not end within ${MOST_PAGES} pages`)
  }

  #keepCookies(page: Response): void {
    for (const line of page.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
  }
}

function hiddenFields(html: string): Record<string, string> {
  const fields = html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]))
}
