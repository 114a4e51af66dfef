import { UserAgent } from './user-agent.js'

export interface User {
  readonly username: string
  readonly password: string
}

/** One user's browser, without a person: it does what the server's own login page does. */
export class Browser {
  readonly #agent = new UserAgent()
  readonly #user: User
  #isLoggedIn = false

  constructor(user: User) {
    this.#user = user
  }

  /**
   * Goes through a login: the password, once as in any browser, the consent to all that is asked
   * for, and on to the app.
   *
   * @returns where the server leads back to: the app's redirect URI, with its answer
   */
  async authorize(start: string | URL): Promise<URL> {
    const { origin, pathname } = new URL(start)
    const api = `${origin}/${pathname.split('/')[1]}`

    const page = await this.#redirectFrom(start)
    if (page.origin !== origin) return page // refused at once
    const asked = page.searchParams
    await this.#logIn(api)
    const client = encodeURIComponent(asked.get('client_id') ?? '')
    const consent = { scope: asked.get('scope') }
    await this.#agent.demand(`${api}/auth/grant/${client}`, { method: 'PUT', json: consent })

    const onward = new URL(asked.get('callback_url') ?? '')
    onward.searchParams.set('g_continue', '') // the page was shown: no need to show it again
    return this.#redirectFrom(onward)
  }

  async #logIn(api: string): Promise<void> {
    if (this.#isLoggedIn) return
    await this.#agent.demand(`${api}/auth`, { method: 'POST', json: this.#user })
    this.#isLoggedIn = true
  }

  async #redirectFrom(url: string | URL): Promise<URL> {
    const answer = await this.#agent.request(url)
    const body = await answer.text()
    const location = answer.headers.get('location')
    if (location !== null) return new URL(location, url)
    throw new Error(`No redirect from ${new URL(url).pathname}: HTTP ${answer.status} ${body}`)
  }
}
