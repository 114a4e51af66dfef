import { inspect } from 'node:util'
import axios, { type AxiosAdapter } from 'axios'
import { attachTokens } from 'tokenward/axios'
import { createFetch } from 'tokenward/fetch'
import { describe, expect, it } from 'vitest'
import { FakeSource } from './support/sources.js'

const TOKEN = 'S3CRET-one'
const API = 'https://api.example.com'

const with_ = (members: object) => Object.assign(new Error('connect ECONNREFUSED'), members)

/** In the innermost of so many objects. */
function nested(depth: number, value: unknown): unknown {
  return depth === 0 ? value : { inner: nested(depth - 1, value) }
}

class WithGetter extends Error {
  readonly #field: string
  constructor(field: string) {
    super('failed')
    this.#field = field
    Object.defineProperty(this, 'options', { get: () => ({ headers: { authorization: this.#field } }), enumerable: true }) // prettier-ignore
  }
}

class WithJson extends Error {
  readonly #field: string
  constructor(field: string) {
    super('failed')
    this.#field = field
  }
  toJSON() {
    return { name: this.name, sent: this.#field }
  }
}

/** What clients, their wrappers and plugins throw with the request in it, by the header they were given. */
const ERRORS: [string, (field: string) => unknown][] = [
  ['a message that quotes the header', (field) => new Error(`Invalid header: ${field}`)],
  ['a message that quotes the token alone', () => new Error(`no such token: ${TOKEN}`)],
  ['options.headers, as of got and request', (field) => with_({ options: { headers: { Authorization: field } } })], // prettier-ignore
  ['headers as a list of pairs', (field) => with_({ headers: [['authorization', field]] })],
  ['headers as Headers', (field) => with_({ headers: new Headers({ authorization: field }) })],
  ['headers in a Map', (field) => with_({ sent: new Map([['authorization', field]]) })],
  ['a Request', (field) => with_({ sent: new Request(API, { headers: { authorization: field } }) })], // prettier-ignore
  ['an AggregateError', (field) => new AggregateError([new Error('first'), new Error(field)], 'all failed')], // prettier-ignore
  ['an AggregateError of errors with requests', (field) => new AggregateError([with_({ options: { headers: { authorization: field } } })])], // prettier-ignore
  ['a cause', (field) => new Error('failed', { cause: new Error(`sent ${field}`) })],
  ['a cause five times down', (field) => [1, 2, 3, 4, 5].reduce((cause) => new Error('failed', { cause }), new Error(field))], // prettier-ignore
  ['a getter', (field) => new WithGetter(field)],
  ['a toJSON of its own', (field) => new WithJson(field)],
  ['a frozen error', (field) => Object.freeze(with_({ options: { headers: { authorization: field } } }))], // prettier-ignore
  ['a frozen error with a message', (field) => Object.freeze(new Error(`sent ${field}`))],
  ['a sealed error', (field) => Object.seal(with_({ field }))],
  ['a member that is not enumerable', (field) => Object.defineProperty(new Error('failed'), 'hidden', { value: { field } })], // prettier-ignore
  ['a member under a symbol', (field) => with_({ [Symbol('request')]: { field } })],
  ['seven objects down', (field) => with_({ sent: nested(7, field) })],
  ['thirty objects down', (field) => with_({ sent: nested(30, field) })],
  ['the name of a member', (field) => with_({ [field]: 1 })],
  ['the name of a member further down', (field) => with_({ sent: { [field]: 1 } })],
  ['a circle', (field) => { const error = with_({ field }); return Object.assign(error, { self: error }) }], // prettier-ignore
  ['a stack that quotes it', (field) => Object.assign(new Error('failed'), { stack: `Error: failed\n    at send (${field})` })], // prettier-ignore
  ['a text', (field) => `failed to send ${field}`],
  ['an object that is no error', (field) => ({ status: 0, headers: { authorization: field } })],
]

const WAYS: Record<
  string,
  (fail: (field: string) => never, isAtOnce: boolean) => Promise<unknown>
> = {
  // prettier-ignore
  axios: (fail, isAtOnce) => {
    const adapter: AxiosAdapter = (config) => {
      const go = () => fail(String(config.headers.get('authorization')))
      return isAtOnce ? go() : Promise.resolve().then(go)
    }
    const api = attachTokens(axios.create({ baseURL: API, adapter }), new FakeSource(TOKEN))
    return api.get('/me')
  },
  fetch: (fail, isAtOnce) => {
    const fetch = (input: string | URL | Request, init?: RequestInit) => {
      const go = () => fail(String(new Request(input, init).headers.get('authorization')))
      return isAtOnce ? go() : Promise.resolve().then(go)
    }
    return createFetch(new FakeSource(TOKEN), { origins: [API], fetch })(`${API}/me`)
  },
}

/** As a console, a debugger, a logger and JSON would. */
function shown(value: unknown): string {
  const everything = { depth: Infinity, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null } // prettier-ignore
  const ways = [
    () => inspect(value),
    () => inspect(value, everything),
    () => JSON.stringify(value),
    () => JSON.stringify(value, Object.getOwnPropertyNames(value)),
    () => String(value),
    () => String((value as Error).stack),
  ]
  return ways.map((show) => attempt(show)).join('\n')
}

function attempt(show: () => string): string {
  try {
    return show()
  } catch {
    return '' // a circle, which JSON does not show
  }
}

describe.each(Object.keys(WAYS))('what %s’ transport throws shows no token', (way) => {
  describe.each([true, false])('at once: %s', (isAtOnce) => {
    it.each(ERRORS)('in %s', async (_, make) => {
      let made: unknown
      const fail = (field: string): never => {
        expect(field).toBe(`Bearer ${TOKEN}`)
        made = make(field)
        expect(shown(made)).toContain(TOKEN) // or it would prove nothing
        throw made
      }
      const thrown = await WAYS[way]!(fail, isAtOnce).then(
        () => expect.fail('did not fail'),
        (error: unknown) => error,
      )
      expect(made).toBeDefined()
      expect(shown(thrown)).not.toContain(TOKEN)
    })
  })
})
