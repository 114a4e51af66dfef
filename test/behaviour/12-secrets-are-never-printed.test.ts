import { inspect } from 'node:util'
import { AxiosError, AxiosHeaders } from 'axios'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fixedToken,
  InvalidTokenResponseError,
  LoginRequiredError,
  memoryStore,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenManager,
  TokenOptionsError,
  TokenStoreError,
  toTokenSet,
} from 'tokenward'
import { LIFETIME_MS } from '../support/session/issuer.js'
import { failureOf, watch } from '../support/session/promises.js'
import { ScriptedStore, before } from '../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWFsaWNl'
const REFRESH_TOKEN = 'rt-4f9a8b7c6d5e4f3a2b1c0d9e8f7a'
const CLIENT_SECRET = 'cs-0a1b2c3d4e5f60718293a4b5c6d7'
const SECRETS = [JWT, REFRESH_TOKEN, CLIENT_SECRET]
const TOKENS = { accessToken: JWT, refreshToken: REFRESH_TOKEN, expiresIn: 300 }

/** Everything that a log could make of a value. */
function printed(value: unknown): string {
  const deep = { depth: Infinity, showHidden: true, getters: true, maxStringLength: null }
  return [
    inspect(value, deep),
    inspect(value, { ...deep, customInspect: false }),
    inspect({ nested: [value] }, deep),
    JSON.stringify(value),
    String(value),
    value instanceof Error ? String(value.stack) : '',
  ].join('\n')
}

function expectNoSecret(text: string, secrets = SECRETS): void {
  for (const secret of secrets) expect(text).not.toContain(secret)
}

/** An error as axios throws it: the request and its tokens at any depth. gaxios, axios. */
function axiosError(status: number, data: unknown): AxiosError {
  const config = {
    headers: new AxiosHeaders({ Authorization: `Basic ${CLIENT_SECRET}` }),
    data: `grant_type=refresh_token&refresh_token=${REFRESH_TOKEN}`,
    url: `https://auth.example.com/token?refresh_token=${REFRESH_TOKEN}`,
  }
  const request = { _header: `Authorization: Bearer ${JWT}`, res: { raw: [TOKENS] } }
  const response = { status, statusText: '', headers: {}, data, config, request }
  return new AxiosError(`${status} for ${config.url}`, 'ERR_BAD', config, request, response)
}

describe('secrets are never printed: by what holds them', () => {
  it('not by a manager, in any state', async () => {
    const manager = new TokenManager({
      refresh: () => Promise.resolve(TOKENS),
      initialTokens: TOKENS,
      keepFresh: true,
    })
    expectNoSecret(printed(manager))
    expect(inspect(manager)).toBe('TokenManager { logged in }')
    await manager.refresh()
    expectNoSecret(printed(manager))
    await manager.signOut()
    expect(inspect(manager)).toBe('TokenManager { no session }')
    expectNoSecret(printed(manager))
  })

  it('not by a memory store or a fixed token', async () => {
    const store = memoryStore()
    const manager = new TokenManager({ refresh: () => Promise.resolve(TOKENS), store })
    await manager.setTokens(TOKENS)
    expectNoSecret(printed(store))
    expectNoSecret(printed(fixedToken(JWT)))
  })

  it('not by inspecting a TokenSet or a StoredSession, which are data otherwise', async () => {
    const store = memoryStore()
    const manager = new TokenManager({ refresh: () => Promise.resolve(TOKENS), store })
    await manager.setTokens(TOKENS)
    const tokens = await manager.getTokens()
    for (const data of [tokens, toTokenSet(TOKENS), await store.load()]) {
      expectNoSecret(inspect(data, { depth: Infinity, showHidden: true }))
      expectNoSecret(String(data))
      expect(JSON.parse(JSON.stringify(data))).toEqual({ ...data })
    }
    expect(tokens).toMatchObject({ accessToken: JWT, refreshToken: REFRESH_TOKEN })
  })

  it('not by what a refresh function is given', async () => {
    const seen: unknown[] = []
    const manager = new TokenManager({
      refresh: (context) => (seen.push(context.tokens), Promise.resolve(TOKENS)),
      initialTokens: TOKENS,
    })
    await manager.refresh()
    expect(seen).toHaveLength(1)
    expectNoSecret(inspect(seen, { depth: Infinity, showHidden: true }))
  })
})

describe('secrets are never printed: by errors', () => {
  const deepCause = () => {
    let error: Error = axiosError(500, { error: REFRESH_TOKEN })
    for (let depth = 0; depth < 6; depth++) {
      error = Object.assign(new Error(`wrapped: Bearer ${JWT}`, { cause: error }), {
        config: { headers: { Authorization: `Bearer ${JWT}` } },
        tokens: TOKENS,
      })
    }
    return error
  }
  it.each<[string, () => unknown]>([
    ['an axios error with a refusal', () => axiosError(400, { error: 'invalid_grant', error_description: `token ${REFRESH_TOKEN} is revoked` })], // prettier-ignore
    ['an axios error with a rejection', () => axiosError(400, { error: 'invalid_request', error_description: `refresh_token=${REFRESH_TOKEN} is bad` })], // prettier-ignore
    ['an axios error with 503', () => axiosError(503, JWT)],
    ['an axios error without an answer', () => new AxiosError(`timeout of POST ?refresh_token=${REFRESH_TOKEN}`, 'ECONNABORTED', { headers: new AxiosHeaders(), data: REFRESH_TOKEN })], // prettier-ignore
    ['an error whose causes hold them at any depth', deepCause],
    ['an error whose name is one', () => Object.assign(new Error('no'), { name: JWT })],
    ['an error whose code is one', () => Object.assign(new Error('no'), { code: REFRESH_TOKEN })],
    ['an error with one in its stack', () => Object.assign(new Error('no'), { stack: `Error: ${JWT}\n    at f (/x.js:1:1)\n    at https://api.example.com/?access_token=${JWT}` })], // prettier-ignore
    ['an error whose message quotes a stack with one', () => new Error(`wrapped\n    at POST /token?refresh_token=${REFRESH_TOKEN}`)], // prettier-ignore
    ['a JSON parser that quotes an answer', () => jsonError(`{"access_token":"${JWT}`)],
    ['an answer as an error', () => ({ access_token: JWT, refresh_token: REFRESH_TOKEN })],
    ['a string', () => `refresh_token=${REFRESH_TOKEN}`],
    ['an AggregateError', () => new AggregateError([axiosError(500, JWT)], `all of ${JWT}`)],
  ])('not where a refresh throws %s', async (_what, thrown) => {
    const manager = new TokenManager({
      refresh: () => Promise.reject(thrown()),
      initialTokens: TOKENS,
    })
    const told: unknown[] = []
    for (const event of ['refreshFailed', 'sessionEnded', 'refreshing'] as const) {
      manager.on(event, (payload) => told.push(payload))
    }
    await pass(LIFETIME_MS)
    const call = watch(manager.getAccessToken())
    await pass(20_000)
    const next = watch(manager.getAccessToken())
    await pass(20_000)
    expect(call.error).toBeInstanceOf(Error)
    expect(next.error).toBeInstanceOf(Error)
    for (const value of [call.error, next.error, ...told]) expectNoSecret(printed(value))
  })

  it.each<[string, string]>([
    ['Google', '1//0gQx8zK4mT7vRCgYIARAAGBASNwF-L9IrAbCdEfGhIjKlMnOpQrStUv'],
    ['base64', 'tGzv3JOkF0XG5Qx2/TlKWIAabc9+defghijKLMNOPQRSTUVWXYZ12='],
    ['letters only', 'correcthorsebatterystaplecorrecthorse'],
    ['digits only', '483920175639201846573920184657'],
    ['short', 'Zx9-k2'],
    ['with dots', 'v1.M2YwOTNkNzg.YTRlZjQ1Nzc'],
    ['with punctuation', 'a!b"c#d$e%f&g(h)i*j,k:l;m<n=o>p?q@r[s]t^u{v|w}x'],
  ])('not the refresh token itself, quoted in a message: %s', async (_kind, refreshToken) => {
    const manager = new TokenManager({
      refresh: ({ refreshToken: spent }) => Promise.reject(new Error(`bad token ${spent} (gone)`)),
      initialTokens: { accessToken: 'at', refreshToken },
    })
    const call = watch(manager.refresh())
    await pass(20_000)
    expect(call.error).toBeInstanceOf(RefreshUnavailableError)
    expectNoSecret(printed(call.error), [refreshToken])
  })

  it('not the tokens of the session, whatever they look like and wherever they are quoted', async () => {
    const characters = fc.constantFrom(...'abcxyzABCXYZ0189-._~+/')
    const token = fc.string({ unit: characters, minLength: 12, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(token, token, fc.string(), async (accessToken, refreshToken, around) => {
        const manager = new TokenManager({
          refresh: () =>
            Promise.reject(
              Object.assign(new Error(`${around} '${refreshToken}' ${around}: ${accessToken}`), {
                status: 400,
                error: 'invalid_request',
                error_description: `no such token: ${refreshToken}`,
              }),
            ),
          initialTokens: { accessToken, refreshToken },
        })
        expectNoSecret(printed(await failureOf(manager.refresh())), [accessToken, refreshToken])
      }),
    )
  })

  it('not where a refresh returns rubbish that holds them', async () => {
    const rubbish = [
      { access_token: `${JWT}\r\n`, refresh_token: REFRESH_TOKEN },
      { access_token: { secret: JWT }, refresh_token: REFRESH_TOKEN },
      `{"access_token":"${JWT}`,
    ]
    for (const answer of rubbish) {
      const manager = new TokenManager({
        refresh: () => Promise.resolve(answer as never),
        initialTokens: TOKENS,
      })
      const error = await failureOf(manager.refresh())
      expect(error).toBeInstanceOf(InvalidTokenResponseError)
      expectNoSecret(printed(error))
    }
  })

  it.each([
    ['a Google refresh token', '1//0gQx8zK4mT7vRCgYIARAAGBASNwF-L9IrAbCdEfGhIjKlMnOpQrStUv'],
    ['base64', 'tGzv3JOkF0XG5Qx2/TlKWIAabc9+defghijKLMNOPQRSTUVWXYZ12='],
    ['letters only', 'correcthorsebatterystaplecorrecthorse'],
  ])('not where a database quotes %s that it could not store', async (_what, refreshToken) => {
    const store = new ScriptedStore()
    const manager = new TokenManager({ refresh: () => Promise.resolve(TOKENS), store })
    const told: unknown[] = []
    manager.on('saveFailed', (event) => told.push(event))
    store.always(
      'save',
      before(() => {
        throw new Error(`insert into sessions values ('${refreshToken}'): duplicate`)
      }),
    )
    const login = manager.setTokens({ accessToken: 'at', refreshToken })
    const error = await failureOf(login)
    await settle()
    expect(told).toHaveLength(1)
    for (const value of [error, ...told]) expectNoSecret(printed(value), [refreshToken])
  })

  it('not in the message of an error of ours that a refresh makes', async () => {
    const manager = new TokenManager({
      refresh: ({ refreshToken }) =>
        Promise.reject(new RefreshUnavailableError(`no luck with ${refreshToken}`)),
      initialTokens: TOKENS,
    })
    const call = failureOf(manager.refresh())
    await pass(20_000)
    expectNoSecret(printed(await call))
  })

  it('not where a store fails with them, or holds a damaged record of them', async () => {
    const store = new ScriptedStore()
    const told: unknown[] = []
    const manager = new TokenManager({ refresh: () => Promise.resolve(TOKENS), store })
    manager.on('saveFailed', (event) => told.push(event))
    store.always(
      'save',
      before(() => {
        throw axiosError(500, TOKENS)
      }),
    )
    const error = await failureOf(manager.setTokens(TOKENS))
    await settle()
    expect(error).toBeInstanceOf(TokenStoreError)
    expect(told).toHaveLength(1)
    for (const value of [error, ...told]) expectNoSecret(printed(value))

    const damaged = { sessionId: 's', version: 1, tokens: JSON.stringify(TOKENS) } as never
    const other = new TokenManager({ refresh: () => Promise.resolve(TOKENS), store: new ScriptedStore(damaged) }) // prettier-ignore
    expectNoSecret(printed(await failureOf(other.getAccessToken())))
  })

  it('not by options that are wrong', async () => {
    const wrong: object[] = [
      { refresh: REFRESH_TOKEN },
      { refresh: () => TOKENS, initialTokens: JWT },
      { refresh: () => TOKENS, initialTokens: { accessToken: `${JWT}\n` } },
      { refresh: () => TOKENS, store: CLIENT_SECRET },
      { refresh: () => TOKENS, recheckMs: CLIENT_SECRET },
      { refresh: () => TOKENS, clientSecret: CLIENT_SECRET },
    ]
    for (const options of wrong) {
      const error = thrownBy(() => new TokenManager(options as never))
      expect(error).toBeInstanceOf(TokenOptionsError)
      expectNoSecret(printed(error))
    }
    const manager = new TokenManager({ refresh: () => Promise.resolve(TOKENS) })
    const call = manager.getAccessToken({ minValidityMs: JWT as unknown as number })
    expectNoSecret(printed(await failureOf(call)))
    expectNoSecret(printed(thrownBy(() => fixedToken(`${JWT}\n`))))
  })

  it('not by the cause of an error that the app makes', () => {
    const cause = axiosError(401, TOKENS)
    const errors = [
      new LoginRequiredError(undefined, { cause }),
      new RefreshRejectedError(undefined, { cause, status: 400 }),
      new RefreshUnavailableError(undefined, { cause: deepCause() }),
      new TokenStoreError('no', { operation: 'load', cause }),
    ]
    for (const error of errors) {
      expectNoSecret(printed(error))
      expect(error.cause).toBeInstanceOf(Error)
    }
  })

  it('keeps what helps: name, message, code, status and the way there', () => {
    const { cause } = new RefreshUnavailableError(undefined, { cause: axiosError(503, '') })
    expect(cause).toMatchObject({ name: 'AxiosError', code: 'ERR_BAD', status: 503 })
    expect((cause as Error).message).toContain('503')
    expect((cause as Error).stack).toContain('12-secrets')
  })
})

function jsonError(text: string): unknown {
  return thrownBy(() => JSON.parse(text))
}

function thrownBy(task: () => unknown): unknown {
  try {
    task()
  } catch (error) {
    return error
  }
  throw new Error('it did not throw')
}
