import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createFetch } from 'tokenward/fetch'
import { fixedToken } from 'tokenward'

const TOKEN = 'a-token-to-hide'
const API = 'https://api.example.com'

/** What the caller gets where the fetch of the app throws this. */
async function caught(thrown: (input: unknown, init?: RequestInit) => unknown): Promise<unknown> {
  const options = {
    origins: [API],
    fetch: (input: unknown, init?: RequestInit) => Promise.reject(thrown(input, init)),
  }
  return createFetch(
    fixedToken(TOKEN),
    options,
  )(`${API}/me`).then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  )
}

const withFacts = (facts: object, message = 'failed') => Object.assign(new Error(message), facts)
const requestOf = (url: unknown, init?: RequestInit) => new Request(url as string, init)
/** Too large to look through. */
const large = (init?: RequestInit) => ({ all: Array.from({ length: 5000 }, (_, id) => ({ id })), init }) // prettier-ignore
class Wrapped extends Error {
  constructor(readonly request: { headers: Headers }) {
    super('failed')
  }
}

describe('what a fetch throws', () => {
  it.each<[string, (input: unknown, init?: RequestInit) => unknown]>([
    ['its message', () => new Error(`cannot send Bearer ${TOKEN}`)],
    ['its cause', () => new TypeError('failed', { cause: new Error(`sent ${TOKEN}`) })],
    ['the causes of its cause', () => new Error('1', { cause: new Error('2', { cause: { TOKEN } }) })], // prettier-ignore
    ['its init', (_, init) => withFacts({ init })],
    ['a Request', (url, init) => withFacts({ request: requestOf(url, init) })],
    ['headers', (_, init) => new Wrapped({ headers: new Headers(init?.headers) })],
    ['a map', () => withFacts({ sent: new Map([['authorization', TOKEN]]) })],
    ['a text', () => withFacts({ curl: `-H 'Authorization: Bearer ${TOKEN}'` })],
    ['a symbol', () => withFacts({ [Symbol('state')]: { TOKEN } })],
    ['all its errors', () => new AggregateError([new Error(TOKEN)], 'all failed')],
    ['too much to look through', (_, init) => withFacts({ context: large(init) })],
    ['a DOMException', () => new DOMException(`no ${TOKEN}`, 'NetworkError')],
    ['no error', (_, init) => ({ init })],
    ['a string', () => TOKEN],
  ])('has no token in it, if it was in %s', async (_, thrown) => {
    const error = await caught(thrown)
    expect(error).toBeInstanceOf(Error)
    const shown = inspect(error, { depth: Infinity, showHidden: true, getters: true })
    expect(shown + JSON.stringify(error)).not.toContain(TOKEN)
  })

  it('is left alone where there is none in it', async () => {
    const errors = [
      withFacts({ code: 'ECONNRESET', socket: { remotePort: 443 } }, 'read ECONNRESET'),
      new DOMException('gone', 'AbortError'),
      'a string',
      undefined,
    ]
    for (const error of errors) expect(await caught(() => error)).toBe(error)
  })

  it('stays the very same error, with what else is known', async () => {
    const thrown = withFacts({ code: 'E_SENT', sent: { TOKEN } }, `sent ${TOKEN} to us`)
    const error = await caught(() => thrown)
    expect(error).toBe(thrown)
    expect(error).toMatchObject({ code: 'E_SENT', message: 'sent [redacted] to us' })
  })

  it('may hold itself', async () => {
    const thrown = withFacts({ TOKEN })
    thrown.cause = thrown
    expect(inspect(await caught(() => thrown))).not.toContain(TOKEN)
  })
})
