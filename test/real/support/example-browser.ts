import type { FastifyInstance } from 'fastify'
import { UserAgent } from '../../support/oidc/user-agent.js'

/** A browser with cookies of its own, in front of an app that is not listening. */
export class ExampleBrowser {
  readonly cookies: Record<string, string>
  readonly #app: FastifyInstance

  constructor(app: FastifyInstance, cookies: Record<string, string> = {}) {
    this.#app = app
    this.cookies = cookies
  }

  get(url: string) {
    return this.#send({ method: 'GET', url })
  }

  post(url: string, form: Record<string, string>) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return this.#send({ method: 'POST', url, headers, payload: String(new URLSearchParams(form)) })
  }

  /** The user signs in at the server. @returns the path of the answer, which has not arrived yet */
  async signIn(name: string, redirectUri: string): Promise<string> {
    const { headers } = await this.get('/login')
    const user = new UserAgent({ login: name, password: 'any' })
    const answer = await user.browseBackTo(redirectUri, new URL(String(headers.location)))
    return answer.pathname + answer.search
  }

  /** The token in the form of the account's page. */
  async csrfToken(): Promise<string> {
    const { payload } = await this.get('/')
    return /name="csrf" value="([^"]+)"/.exec(payload)![1]!
  }

  async #send(request: {
    method: 'GET' | 'POST'
    url: string
    headers?: Record<string, string>
    payload?: string
  }) {
    const answer = await this.#app.inject({ ...request, cookies: this.cookies })
    for (const { name, value } of answer.cookies) {
      if (value === '') delete this.cookies[name]
      else this.cookies[name] = value
    }
    return answer
  }
}
