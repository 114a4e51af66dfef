import { inspect } from 'node:util'
import { memoryStore, type TokenManagerOptions } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { Session } from '../../../src/refresh/session.js'
import { fakeTime, pass } from '../../behaviour/support/session-time.js'

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
    new Session(options())
    expect(name).not.toHaveBeenCalled()
    expect(clock).toHaveBeenCalledOnce()
  })

  it('hands out the token of its seed, one promise for everybody', async () => {
    const session = new Session(options())
    expect(session.token).toBe('at-1')
    expect(session.answer).toBe(session.answer)
    expect(await session.answer).toBe('at-1')
    expect(session.isInsideRefresh()).toBe(false)
    expect(session.dpopKey).toBeUndefined()
  })

  it('does so until the token is due, as its keeper would', async () => {
    const session = new Session(options())
    expect(session.attentionAt - Date.now()).toBeGreaterThan(300_000 * 0.77)
    expect(session.attentionAt - Date.now()).toBeLessThanOrEqual(300_000 * 0.8)
    await pass(300_000 * 0.8)
    expect(session.attentionAt).toBeLessThanOrEqual(Date.now())
  })

  it('keeps what it was given, whatever becomes of the options', async () => {
    const given = options()
    const session = new Session(given)
    given.initialTokens = { accessToken: 'other' }
    given.store = memoryStore()
    expect(session.token).toBe('at-1')
    await session.keeper().known()
    expect(session.token).toBe('at-1')
  })

  it.each([
    ['a store', { store: memoryStore() }],
    ['no seed', { initialTokens: undefined }],
  ])('has nothing to hand out where it has %s', (_what, more) => {
    const session = new Session(options(more))
    expect(session.attentionAt).toBe(-Infinity)
    expect(session.token).toBeUndefined()
    expect(session.sessionId).toBeUndefined()
    expect(session.dpopKey).toBeUndefined()
  })

  it('shows no token', () => {
    expect(inspect(new Session(options()), { showHidden: true, depth: 9 })).not.toContain('at-1')
  })
})

describe('a session that somebody needs more of', () => {
  it('is the same session, with the same tokens', async () => {
    const session = new Session(options())
    const { sessionId, token } = session
    const { held } = session.keeper()
    expect(held.sessionId).toBe(sessionId)
    expect(held.record?.tokens).toEqual({
      ...{ accessToken: token, tokenType: 'Bearer', refreshToken: 'rt-1' },
      ...{ issuedAt: Date.now(), expiresAt: Date.now() + 300_000 },
    })
    expect(session.sessionId).toBe(sessionId)
    expect(await session.answer).toBe(token)
  })

  it('has one keeper', () => {
    const session = new Session(options())
    expect(session.keeper()).toBe(session.keeper())
  })

  it('counts the lifetime from when it was made', async () => {
    const session = new Session(options())
    const expiresAt = Date.now() + 300_000
    await pass(100_000)
    expect(session.keeper().held.record?.tokens?.expiresAt).toBe(expiresAt)
  })

  it('is what its keeper says from then on', async () => {
    const session = new Session(options())
    const keeper = session.keeper()
    await keeper.writer.logout(false)
    expect(session.token).toBeUndefined()
    expect(session.sessionId).toBeUndefined()
    expect(session.attentionAt).toBe(-Infinity)
  })
})
