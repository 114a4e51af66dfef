import { inspect } from 'node:util'
import { memoryStore, TokenManager, type TokenManagerOptions } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { LazySession } from '../../../src/session/lazy-session.js'
import { fakeTime, pass } from '../../support/session/time.js'

fakeTime()

const initialTokens = { accessToken: 'at-1', refreshToken: 'rt-1', expiresIn: 300 }
const options = (more: Partial<TokenManagerOptions> = {}) =>
  ({
    refresh: () => Promise.resolve({ accessToken: 'at-2', expiresIn: 300 }),
    initialTokens,
    ...more,
  }) as TokenManagerOptions

describe('a session that nobody needs more of than its token', () => {
  it('is made without a random number for its name, or a look at the clock for each field', () => {
    const name = vi.spyOn(crypto, 'randomUUID')
    const clock = vi.spyOn(Date, 'now')
    new LazySession(options())
    expect(name).not.toHaveBeenCalled()
    expect(clock).toHaveBeenCalledOnce()
  })

  it('hands out its initial token, one promise for everybody', async () => {
    const session = new LazySession(options())
    expect(session.token).toBe('at-1')
    expect(session.promise).toBe(session.promise)
    expect(await session.promise).toBe('at-1')
    expect(session.isInsideRefresh()).toBe(false)
    expect(session.dpopKey).toBeUndefined()
  })

  it('does so until the token is due', async () => {
    const session = new LazySession(options())
    await pass(300_000 * 0.77)
    expect(session.isFast).toBe(true)
    await pass(300_000 * 0.03)
    expect(session.isFast).toBe(false)
  })

  it('keeps what it was given, whatever becomes of the options', async () => {
    const given = options()
    const tokens = new TokenManager(given)
    given.initialTokens = { accessToken: 'other' }
    given.store = memoryStore()
    expect(tokens.peek()).toBe('at-1')
    expect(await tokens.getTokens()).toMatchObject({ accessToken: 'at-1' })
  })

  it.each([
    ['a store', { store: memoryStore() }],
    ['no initial tokens', { initialTokens: undefined }],
  ])('has nothing to hand out where it has %s', (_what, more) => {
    const session = new LazySession(options(more))
    expect(session.isFast).toBe(false)
    expect(session.token).toBeUndefined()
    expect(session.sessionId).toBeUndefined()
    expect(session.dpopKey).toBeUndefined()
  })

  it('is nothing that a pool must wait for', async () => {
    const { lifecycle } = new LazySession(options())
    expect(lifecycle).toMatchObject({ isBusy: false, isClosed: false })
    await expect(lifecycle.settle()).resolves.toBeUndefined()
  })

  it('shows no token', () => {
    const shown = inspect(new LazySession(options()), { showHidden: true, depth: 9 })
    expect(shown).not.toContain('at-1')
  })
})

describe('a session that somebody needs more of', () => {
  it('is the same session, with the same tokens', async () => {
    const lazy = new LazySession(options())
    const { sessionId, token } = lazy
    const { core } = lazy.session()
    expect(core.sessionId).toBe(sessionId)
    expect(core.state.record?.tokens).toEqual({
      ...{ accessToken: token, tokenType: 'Bearer', refreshToken: 'rt-1' },
      ...{ issuedAt: Date.now(), expiresAt: Date.now() + 300_000 },
    })
    expect(lazy.sessionId).toBe(sessionId)
    expect(await lazy.promise).toBe(token)
  })

  it('is made once', () => {
    const lazy = new LazySession(options())
    expect(lazy.session()).toBe(lazy.session())
  })

  it('counts the lifetime from when it was made', async () => {
    const lazy = new LazySession(options())
    const expiresAt = Date.now() + 300_000
    await pass(100_000)
    expect(lazy.session().core.state.record?.tokens?.expiresAt).toBe(expiresAt)
  })

  it('hands out what is in force there from then on', async () => {
    const lazy = new LazySession(options())
    await lazy.session().writer.logout(false)
    expect(lazy.token).toBeUndefined()
    expect(lazy.sessionId).toBeUndefined()
    expect(lazy.isFast).toBe(false)
  })
})
