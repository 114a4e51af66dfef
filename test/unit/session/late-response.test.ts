import { InvalidTokenResponseError, type StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { keepRotated } from '../../../src/session/keep-rotated.js'
import { keepLate, saveLate } from '../../../src/session/late-response.js'
import { loginRequired } from '../../../src/session/login-required.js'
import type { TokenRequest } from '../../../src/session/token-requests.js'
import { carryRefreshToken } from '../../../src/tokens/rotated.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { coreOn } from '../../support/session/core.js'
import { record, refused } from '../../support/session/records.js'
import { fails, ScriptedStore } from '../../support/session/scripted-store.js'

const LATE = toTokenSet({ accessToken: 'access-late', refreshToken: 'refresh-late' })
/** A response without an access token, which brought another refresh token. */
const rotated = () => carryRefreshToken(new InvalidTokenResponseError('none'), 'refresh-late')

/** A session at version 6, from which a request was made whose response nobody waits for any more. */
function scene() {
  const sent = record(6, [5])
  const store = new ScriptedStore(sent)
  const { core } = coreOn(store)
  core.apply({ type: 'read', comparison: 'theirs', stored: sent })
  const base = { record: sent, unsaved: undefined, stored: sent }
  const request = { access: core.own, base, claims: undefined } as unknown as TokenRequest
  /** The store holds something else, and this process has read it. */
  const found = (stored: StoredSession) => {
    store.put(stored)
    const comparison = stored.tokens === null ? 'signed-out' : 'theirs'
    core.apply({ type: 'read', comparison, stored })
  }
  return { core, store, base, request, found }
}

describe('a late response', () => {
  it('is saved, and in force, where nothing happened in the meantime', async () => {
    const { core, store, request } = scene()
    await saveLate(core, request, LATE)
    expect(store.storedToken).toBe('access-late')
    expect(core.own.token).toBe('access-late')
  })

  it('is saved where the server refused the same refresh token to another process', async () => {
    const { core, store, request, found } = scene()
    found(refused(9, 6, [6, 5]))
    expect(core.state.ended).toBeDefined()
    await saveLate(core, request, LATE)
    expect(store.storedToken).toBe('access-late')
    expect(core.state.ended).toBeUndefined()
  })

  it('is dropped where the server refused a later refresh token', async () => {
    const { core, store, request, found } = scene()
    found(refused(9, 8, [8, 6, 5]))
    await saveLate(core, request, LATE)
    expect(store.record?.tokens).toBeNull()
    expect(core.state.ended).toBeDefined()
  })

  it.each([
    ['a login', { sessionId: 'bob' }],
    ['the refusal of another session', { sessionId: 'bob', tokens: null, ended: { reason: 'invalid-grant', refreshTokenVersion: 6 } }], // prettier-ignore
    ['a logout', { tokens: null, ended: { reason: 'signed-out' } }],
  ] as const)('is dropped after %s', async (_what, fields) => {
    const { core, store, request, found } = scene()
    found(record(9, [6, 5], fields))
    await saveLate(core, request, LATE)
    expect(store.record).toMatchObject({ version: 9 })
    expect(core.own.token).not.toBe('access-late')
  })

  it('is dropped after a logout that is still being saved', async () => {
    const { core, store, request } = scene()
    const left = record(7, [6, 5], { tokens: null, ended: { reason: 'signed-out' } })
    const error = loginRequired('signed-out')
    core.apply({ type: 'logged-out', error, record: left, unsaved: {} })
    await saveLate(core, request, LATE)
    expect(store.storedToken).toBe('access-6')
  })

  it('without an access token leaves its refresh token to the session', async () => {
    const { core, store, request } = scene()
    await keepLate(core, request, rotated())
    expect(store.record?.tokens).toMatchObject({ accessToken: 'access-6', refreshToken: 'refresh-late' }) // prettier-ignore
    expect(core.state.record).toEqual(store.record)
  })
})

describe('a refresh token that came without an access token', () => {
  it('is what the next request is made from', async () => {
    const { core, store, base } = scene()
    const kept = await keepRotated({ core, access: core.own }, base, rotated(), () => false)
    expect(kept?.record).toEqual(store.record)
    expect(kept?.stored).toEqual(store.record)
    expect(kept?.record?.tokens?.refreshToken).toBe('refresh-late')
  })

  it('is so also where it could not be saved: the store holds the old one', async () => {
    const { core, store, base } = scene()
    store.always('save', fails)
    const kept = await keepRotated({ core, access: core.own }, base, rotated(), () => false)
    expect(kept?.record?.tokens?.refreshToken).toBe('refresh-late')
    expect(kept?.stored).toBe(base.stored)
    expect(core.state.unsaved).toBeDefined()
  })

  it('is dropped where a login or logout came first', async () => {
    const { core, store, base } = scene()
    const kept = await keepRotated({ core, access: core.own }, base, rotated(), () => true)
    expect(kept).toBeUndefined()
    expect(store.storedToken).toBe('access-6')
  })

  it('takes nothing from a response that brought none', async () => {
    const { core, base } = scene()
    const error = new InvalidTokenResponseError('none')
    const kept = await keepRotated({ core, access: core.own }, base, error, () => false)
    expect(kept).toBeUndefined()
  })
})
