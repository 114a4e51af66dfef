import { inspect } from 'node:util'
import { decodeJwt } from 'jose'
import {
  memoryStore,
  TokenManager,
  type DpopKey,
  type DpopSigner,
  type RefreshContext,
  type TokenEvents,
  type TokenInput,
  type TokenManagerOptions,
  type TokenProver,
  type TokenSource,
} from 'tokenward'
import { dpopSigner, generateDpopKey } from 'tokenward/oauth'
import { describe, expect, it, vi } from 'vitest'
import { failureOf } from '../support/session/promises.js'
import { ScriptedStore } from '../support/session/scripted-store.js'
import { fakeTime, pass } from '../support/session/time.js'

fakeTime()

const API = { method: 'GET', url: 'https://api.example.com/me?a=b' }
const KEY = (await generateDpopKey()) as DpopKey & { d: string }
const OTHER_KEY = (await generateDpopKey()) as DpopKey & { d: string }
const TOKENS = { accessToken: 'AT1', refreshToken: 'RT1', tokenType: 'DPoP', expiresIn: 300 }
const LOGIN: TokenInput = { ...TOKENS, dpopKey: KEY }
const NEXT: TokenInput = {
  accessToken: 'AT2',
  refreshToken: 'RT2',
  tokenType: 'DPoP',
  expiresIn: 300,
}

const refreshing = (answer: TokenInput = NEXT) =>
  vi.fn((_context: RefreshContext) => Promise.resolve(answer))
const manager = (options: Partial<TokenManagerOptions> = {}) =>
  new TokenManager({ refresh: refreshing(), dpop: dpopSigner, ...options } as TokenManagerOptions)
const unexportable = () =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify'])

/** What an adapter does for one request. */
async function proofOf(tokens: TokenManager) {
  const token = await tokens.getAccessToken()
  const proof = await tokens.proverFor(token)!.prove(API)
  return { token, proof, claims: decodeJwt(proof) }
}

describe('DPoP: the key of a session', () => {
  it('is kept with its tokens: stored, given to each refresh, and in force after it', async () => {
    const store = new ScriptedStore()
    const refresh = refreshing()
    const tokens = manager({ store, refresh })
    await tokens.setTokens(LOGIN)
    expect(JSON.parse(JSON.stringify(store.record))).toMatchObject({ tokens: { dpopKey: KEY } })

    await tokens.refresh()
    await tokens.refresh()

    expect(refresh.mock.calls.map(([context]) => context.tokens.dpopKey)).toEqual([KEY, KEY])
    expect(store.record?.tokens).toMatchObject({ refreshToken: 'RT2', dpopKey: KEY })
    expect((await proofOf(tokens)).token).toBe('AT2')
  })

  it('is found by another process in what the store keeps', async () => {
    const store = new ScriptedStore()
    await manager({ store }).setTokens(LOGIN)
    const copy = new ScriptedStore(JSON.parse(JSON.stringify(store.record)))
    expect((await proofOf(manager({ store: copy }))).token).toBe('AT1')
  })

  it('is gone after a logout, and another after another login', async () => {
    const store = new ScriptedStore()
    const tokens = manager({ store })
    await tokens.setTokens(LOGIN)
    await tokens.setTokens({ ...TOKENS, dpopKey: OTHER_KEY })
    expect(store.record?.tokens?.dpopKey).toEqual(OTHER_KEY)
    await tokens.signOut()
    expect(JSON.stringify(store.record)).not.toContain(OTHER_KEY.d)
    expect(tokens.proverFor('AT1')).toBeUndefined()
    await tokens.setTokens({ accessToken: 'B1' })
    expect(tokens.proverFor('B1')).toBeUndefined()
  })

  it('proves the tokens of other resources too', async () => {
    const tokens = manager({ initialTokens: LOGIN })
    const other = tokens.for({ resource: 'https://other.example.com/' })
    const token = await other.getAccessToken()
    expect(token).toBe('AT2')
    expect(decodeJwt(await proverOf(other).prove(API))).toMatchObject({ htm: 'GET' })
  })

  it('may be one that cannot be exported, in memory', async () => {
    const dpopKey = await unexportable()
    for (const options of [{}, { store: memoryStore() }]) {
      const tokens = manager(options)
      await tokens.setTokens({ ...TOKENS, dpopKey })
      await tokens.refresh()
      expect((await proofOf(tokens)).token).toBe('AT2')
    }
  })
})

describe('DPoP: a proof', () => {
  it('is another for every request, also of the same token', async () => {
    const tokens = manager({ initialTokens: LOGIN })
    const proofs = await Promise.all(Array.from({ length: 20 }, () => proofOf(tokens)))
    expect(new Set(proofs.map(({ claims }) => claims.jti)).size).toBe(20)
    expect(proofs[0]?.claims).toMatchObject({ htu: 'https://api.example.com/me' })
  })

  it("has the nonce that the server gave last, each server's own, each session's own", async () => {
    const [one, other] = [manager({ initialTokens: LOGIN }), manager({ initialTokens: LOGIN })]
    const header = (name: string) => (name === 'dpop-nonce' ? ['N1'] : undefined)
    expect(one.proverFor('AT1')!.onResponse({ url: API.url, status: 200, header })).toBe(false)
    expect((await proofOf(one)).claims.nonce).toBe('N1')
    expect((await proofOf(other)).claims.nonce).toBeUndefined()
    const elsewhere = await one.proverFor('AT1')!.prove({ method: 'GET', url: 'https://b.example' })
    expect(decodeJwt(elsewhere).nonce).toBeUndefined()
  })
})

describe('DPoP: what cannot be', () => {
  const KEPT = /a CryptoKeyPair stays in memory, but the `store` keeps JSON/
  const SIGNER = /bound to a key, but nothing can sign with it/
  const optionsError = expect.objectContaining({ code: 'ERR_TOKEN_OPTIONS' }) as Error

  it('a key that cannot be exported, with a store that keeps JSON', async () => {
    const initialTokens = { ...TOKENS, dpopKey: await unexportable() }
    const store = new ScriptedStore()
    expect(() => manager({ store, initialTokens })).toThrow(KEPT)
    const tokens = manager({ store })
    await expect(tokens.setTokens(initialTokens)).rejects.toThrow(KEPT)
    expect(store.record).toBeUndefined()
    const acquire = () => Promise.resolve(initialTokens)
    const acquired = manager({ store, refresh: undefined, acquire })
    await expect(acquired.getAccessToken()).rejects.toThrow(KEPT)
  })

  it('a key of the wrong type', async () => {
    const dpopKey = { kty: 'oct', k: 'a-secret' } as never
    const initialTokens = { ...TOKENS, dpopKey }
    expect(() => manager({ initialTokens })).toThrow(
      /`initialTokens`: `dpopKey` must be a private key/,
    )
    const error = await failureOf(manager().setTokens(initialTokens))
    expect(error).toEqual(optionsError)
    expect(inspect(error)).not.toContain('a-secret')
  })

  it('a DPoP token without a key', async () => {
    expect(() => manager({ initialTokens: TOKENS })).toThrow(/there is no `dpopKey`/)
    const error = await failureOf(manager().setTokens(TOKENS))
    expect(error).toMatchObject({ code: 'ERR_INVALID_TOKEN_RESPONSE' })
  })

  it('a key, and nothing to sign with', async () => {
    const store = new ScriptedStore()
    await manager({ store }).setTokens(LOGIN)
    const without = { dpop: undefined }
    expect(() => manager({ ...without, initialTokens: LOGIN })).toThrow(SIGNER)
    await expect(manager(without).setTokens(LOGIN)).rejects.toThrow(SIGNER)
    const tokens = manager({ ...without, store })
    await tokens.getAccessToken()
    expect(() => tokens.proverFor('AT1')).toThrow(SIGNER)
  })

  it('a signer that is no function', () => {
    expect(() => manager({ dpop: 'ES256' as never })).toThrow(/`dpop` must be a function/)
  })

  it('a Bearer token in the place of a DPoP token: the session stays as it was', async () => {
    const refresh = refreshing({ accessToken: 'B2', refreshToken: 'RT2', tokenType: 'bearer' })
    const tokens = manager({ refresh, initialTokens: LOGIN })
    const error = await failureOf(tokens.refresh())
    expect(error).toMatchObject({ code: 'ERR_INVALID_TOKEN_RESPONSE' })
    expect(await tokens.getTokens()).toMatchObject({ accessToken: 'AT1', dpopKey: KEY })
  })

  it('an acquired token says for itself what it is', async () => {
    const answers: TokenInput[] = [LOGIN, { accessToken: 'B1', expiresIn: 300 }]
    const acquire = vi.fn(() => Promise.resolve(answers.shift()!))
    const tokens = manager({ refresh: undefined, acquire })
    expect((await proofOf(tokens)).token).toBe('AT1')
    await tokens.refresh()
    expect(tokens.proverFor('B1')).toBeUndefined()
  })
})

describe('DPoP: key and proof', () => {
  it('are taken out of what a refresh function throws, whatever the key looks like', async () => {
    const dpopKey = { ...KEY, d: 'in-plain-words' }
    const refresh = vi.fn(() => Promise.reject(new Error('cannot use in-plain-words here')))
    const initialTokens = { ...TOKENS, dpopKey }
    const error = await failureOf(
      manager({ refresh, initialTokens, retry: { attempts: 1 } }).refresh(),
    )
    expect(inspect(error, { depth: 9 })).toContain('cannot use [redacted] here')
  })

  it('are never printed: by managers, events, records, errors', async () => {
    const thrown = new Error(`cannot use ${KEY.d}`)
    const refresh = vi.fn(() => Promise.reject(thrown))
    const signer: DpopSigner = vi.fn(dpopSigner)
    const store = memoryStore()
    const tokens = manager({ refresh, store, dpop: signer, retry: { attempts: 1 } })
    const events: unknown[] = []
    const names: (keyof TokenEvents)[] = [
      'tokensSet',
      'refreshing',
      'refreshFailed',
      'sessionEnded',
    ]
    for (const name of names) tokens.on(name, (event) => events.push(event))
    await tokens.setTokens(LOGIN)
    const { proof } = await proofOf(tokens)
    const error = await failureOf(tokens.refresh())
    await pass(0)
    expect(events.length).toBeGreaterThan(2)
    const prover = tokens.proverFor('AT1')
    const known = [tokens, prover, events, await store.load(), await tokens.getTokens(), error]
    for (const value of [...known, (await tokens.getTokens())?.dpopKey]) {
      const shown = inspect(value, { depth: Infinity, showHidden: true })
      expect(shown).not.toContain(KEY.d)
      expect(shown).not.toContain(proof)
    }
  })
})

function proverOf(source: TokenSource): TokenProver {
  const current = source.current?.()
  if (typeof current !== 'object' || !current.prover) throw new Error('nothing proves its token')
  return current.prover
}
