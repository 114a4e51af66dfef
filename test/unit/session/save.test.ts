import { LoginRequiredError, TokenStoreError, type StoredSession } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { AccessToken } from '../../../src/session/access-token.js'
import type { SessionCore } from '../../../src/session/core.js'
import { endIfStill, saveTokens, type Saved } from '../../../src/session/save.js'
import type { RefreshBase } from '../../../src/session/sync.js'
import { timingOf } from '../../../src/timing.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { coreOn } from '../../support/session/core.js'
import { record, signedOut } from '../../support/session/records.js'
import { fails, ScriptedStore } from '../../support/session/scripted-store.js'

const rotated = toTokenSet({ accessToken: 'access-new', refreshToken: 'refresh-new' })
const notRotated = toTokenSet({ accessToken: 'access-new' })
const never = () => false

/** A session in force at version 6, saved, and what a request was made from. */
function scene(stored: StoredSession | null = record(6, [5])) {
  const found = stored ?? undefined
  const store = new ScriptedStore(found)
  const made = coreOn(store)
  made.core.apply({ type: 'read', comparison: found ? 'theirs' : 'nothing', stored: found })
  const base: RefreshBase = { record: found, unsaved: undefined, stored: found }
  const putInForce = vi.fn<(saved: Saved) => void>()
  const save = (tokens = rotated, isSuperseded = never, access = made.core.own) =>
    saveTokens(made.core, access, base, tokens, isSuperseded, putInForce)
  return { ...made, store, base, putInForce, save }
}

describe('what a refresh brought', () => {
  it('is saved over what it was made from, and put in force then', async () => {
    const { store, save, putInForce } = scene()
    const saved = await save()
    expect(saved?.error).toBeUndefined()
    expect(store.record).toMatchObject({
      sessionId: 'ann',
      ancestors: [6, 5],
      tokens: { accessToken: 'access-new', refreshToken: 'refresh-new' },
      journal: [{ what: 'refreshed' }],
    })
    expect(putInForce).toHaveBeenCalledExactlyOnceWith(saved)
  })

  it.each([
    ['another refresh token is of its own version', rotated, undefined, undefined],
    ['the same one is of the version that brought it', notRotated, undefined, 6],
    ['... also where that was long ago', notRotated, 3, 3],
  ])('%s', async (_what, tokens, before, after) => {
    const { store, save } = scene(record(6, [5, 3], { refreshTokenVersion: before }))
    await save(tokens)
    expect(store.record?.refreshTokenVersion).toBe(after)
  })

  it('of one resource keeps the session’s own access token', async () => {
    const { core, store, save } = scene()
    const refresh = () => Promise.reject(new Error())
    await save(rotated, never, new AccessToken(timingOf({ refresh }), { resource: 'https://b' }))
    expect(store.record?.tokens).toMatchObject({
      accessToken: 'access-6',
      refreshToken: 'refresh-new',
    })
    expect(core.own.token).toBe('access-6')
  })

  it('begins a session where there was none', async () => {
    const { store, save } = scene(null)
    await save(notRotated)
    expect(store.record?.sessionId).toMatch(/^[\da-f-]{36}$/)
    expect(store.storedToken).toBe('access-new')
  })

  it('is in force with the reason where it cannot be saved', async () => {
    const { store, save, putInForce } = scene()
    store.always('save', fails)
    const saved = await save()
    expect(saved?.error).toBeInstanceOf(TokenStoreError)
    expect(putInForce).toHaveBeenCalledExactlyOnceWith(saved)
  })

  it('is saved where the client sent the save twice, and the first had landed', async () => {
    const { store, save, putInForce } = scene()
    store.next('save', async (perform) => {
      await perform()
      return false
    })
    await save()
    expect(store.count('save')).toBe(1)
    expect(putInForce).toHaveBeenCalledOnce()
  })

  it('is saved over another process’s note that it spends the same refresh token', async () => {
    const { store, save } = scene()
    store.put(
      record(9, [6, 5], {
        tokens: record(6).tokens,
        refreshTokenVersion: 6,
        spending: { since: 1, by: 'x', attempts: 1 },
      }),
    )
    await save()
    expect(store.record?.ancestors).toEqual(expect.arrayContaining([9, 6, 5]))
    expect(store.storedToken).toBe('access-new')
    expect(store.record?.spending).toBeUndefined()
  })

  it('counts as saved where another process saved the very same', async () => {
    const { store, save, putInForce } = scene()
    store.put({ ...record(9, [6, 5]), tokens: rotated })
    const saved = await save()
    expect(saved?.error).toBeUndefined()
    expect(putInForce).toHaveBeenCalledOnce()
    expect(store.record?.version).toBe(9)
  })

  it('gives way to another refresh of the session, and is not revoked', async () => {
    const { store, save, revoked, putInForce } = scene()
    store.put(record(9, [7, 6, 5]))
    await expect(save()).resolves.toBeUndefined()
    expect([store.storedToken, revoked, putInForce.mock.calls]).toEqual(['access-9', [], []])
  })

  it.each([
    ['a login', record(9, [6], { sessionId: 'second' })],
    ['a logout', signedOut(9, [6])],
  ])('gives way to %s, and is revoked', async (_what, found) => {
    const { store, save, revoked, putInForce } = scene()
    store.put(found)
    await expect(save()).resolves.toBeUndefined()
    expect(store.record?.version).toBe(9)
    expect(revoked).toEqual(['access-new'])
    expect(putInForce).not.toHaveBeenCalled()
  })

  it('is dropped and revoked before it is saved, where a login has come here', async () => {
    const { store, save, revoked, putInForce } = scene()
    await expect(save(rotated, () => true)).resolves.toBeUndefined()
    expect(store.calls).not.toContain('save')
    expect(revoked).toEqual(['access-new'])
    expect(putInForce).not.toHaveBeenCalled()
  })

  it('is not revoked where it was saved before the login came: that replaces it', async () => {
    const { store, save, revoked, putInForce } = scene()
    let isSuperseded = false
    store.next('save', async (perform) => {
      isSuperseded = true
      return perform()
    })
    await expect(save(rotated, () => isSuperseded)).resolves.toBeUndefined()
    expect(revoked).toEqual([])
    expect(putInForce).not.toHaveBeenCalled()
  })

  it('is revoked where it could not be saved before the login came', async () => {
    const { store, save, revoked } = scene()
    let isSuperseded = false
    store.next('save', async () => {
      isSuperseded = true
      throw new Error('disk full')
    })
    await expect(save(rotated, () => isSuperseded)).resolves.toBeUndefined()
    expect(revoked).toEqual(['access-new'])
  })

  it('is in force unsaved where the store refuses again and again', async () => {
    const { store, save } = scene()
    store.always('save', () => Promise.resolve(false))
    const saved = await save()
    expect(saved?.error).toMatchObject({ operation: 'save', message: /refused several times/ })
    expect(store.count('save')).toBe(4)
  })
})

describe('the end of a session', () => {
  const error = new LoginRequiredError('revoked', { reason: 'invalid-grant' })
  const held = { isHeld: () => true }
  const end = (
    { core, base }: { core: SessionCore; base: RefreshBase },
    lease = held,
    isSuperseded = () => false,
  ) => endIfStill(core, base, error, lease, isSuperseded)

  it('is saved, with the refresh token that was refused, and told', async () => {
    const made = scene()
    await expect(end(made)).resolves.toBe(true)
    expect(made.store.record).toMatchObject({
      sessionId: 'ann',
      tokens: null,
      ancestors: [6, 5],
      ended: { reason: 'invalid-grant', refreshTokenVersion: 6 },
      journal: [{ what: 'ended', refreshTokenVersion: 6 }],
    })
    expect(made.core.state.ended).toBe(error)
  })

  it.each([
    ['another process has refreshed', record(9, [7, 6, 5])],
    ['there has been a login', record(9, [6], { sessionId: 'second' })],
    ['it has ended already', signedOut(9, [6])],
    ['the record is gone', undefined],
  ])('is none where %s', async (_what, found) => {
    const made = scene()
    made.store.put(found)
    await expect(end(made)).resolves.toBe(false)
    expect(made.store.record).toEqual(found)
    expect(made.core.state.ended).toBeUndefined()
  })

  it('is saved over what the store was set back to', async () => {
    const made = scene()
    made.store.put(record(5))
    await expect(end(made)).resolves.toBe(true)
    expect(made.store.record?.ended).toMatchObject({ reason: 'invalid-grant' })
  })

  it('is nobody’s to say who has lost the lease', async () => {
    const made = scene()
    await expect(end(made, { isHeld: () => false })).resolves.toBe(false)
    expect(made.store.storedToken).toBe('access-6')
  })

  it('is neither saved nor told where a login came first', async () => {
    const made = scene()
    await expect(end(made, held, () => true)).resolves.toBe(true)
    expect(made.store.storedToken).toBe('access-6')
    expect(made.core.state.ended).toBeUndefined()
  })

  it('is not told where a login comes while it is saved', async () => {
    const made = scene()
    let isSuperseded = false
    made.store.next('save', async (perform) => {
      isSuperseded = true
      return perform()
    })
    await expect(end(made, held, () => isSuperseded)).resolves.toBe(true)
    expect(made.core.state.ended).toBeUndefined()
  })

  it('is looked at again where the record changes while it is saved', async () => {
    const made = scene()
    made.store.next('save', () => Promise.resolve(false))
    await expect(end(made)).resolves.toBe(false)
  })

  it('is in force where it cannot be saved', async () => {
    const made = scene()
    made.store.always('save', fails)
    await expect(end(made)).resolves.toBe(true)
    expect(made.core.state.ended).toBe(error)
    expect(made.core.state.unsaved).toBeDefined()
  })

  it('is not told where a login comes as it cannot be saved', async () => {
    const made = scene()
    let isSuperseded = false
    made.store.next('save', async () => {
      isSuperseded = true
      throw new Error('disk full')
    })
    await expect(end(made, held, () => isSuperseded)).resolves.toBe(true)
    expect(made.core.state.ended).toBeUndefined()
  })
})
