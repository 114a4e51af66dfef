import { LoginRequiredError, TokenStoreError, toTokenSet, type StoredSession } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Change } from '../../../src/session/change.js'
import { loginRequired } from '../../../src/session/login-required.js'
import { next } from '../../../src/session/next.js'
import { storedSession } from '../../../src/stores/stored-session.js'
import { initialState, type SessionState, type Transition } from '../../../src/session/state.js'
import { entry, record, refused, signedOut } from '../../support/session/records.js'

const saveError = new TokenStoreError('disk full', { operation: 'save' })

/** A session that was read and is in force. */
const live = (held: StoredSession = record(5, [4])): SessionState => ({
  ...initialState(true),
  record: held,
  storeRead: true,
  epoch: 7,
})
const after = (state: SessionState, ...changes: Change[]): Transition =>
  changes.reduce<Transition>((made, change) => next(made.state, change), { state, told: [] })
const namesOf = ({ told }: Transition) => told.map(({ name }) => name)
const notesOf = ({ state }: Transition) => state.notes.map(({ what }) => what)

describe('at first', () => {
  it('nothing is known, nothing is in force and nothing has ended', () => {
    expect(initialState(true)).toMatchObject({
      record: undefined,
      unsaved: undefined,
      ended: undefined,
      storeRead: false,
      isClosed: false,
      epoch: 0,
    })
  })
})

describe('the store was read', () => {
  const read = (comparison: Extract<Change, { type: 'read' }>['comparison'], stored?: StoredSession) =>
    ({ type: 'read', comparison, stored }) as const // prettier-ignore

  it('for the first time: what is there is in force, and is no news', () => {
    const made = next(initialState(true), read('theirs', record(5)))
    expect(made.state).toMatchObject({ record: record(5), storeRead: true, epoch: 1, notes: [] })
    expect(made.told).toEqual([])
    expect(made.origin).toBe('login')
  })

  it('a record that was made from others came by a refresh, not by a login', () => {
    expect(next(initialState(true), read('theirs', record(5, [4]))).origin).toBe(
      'refresh-elsewhere',
    )
  })

  it.each([
    ['logged-in', 'login'],
    ['refreshed', 'refresh-elsewhere'],
  ] as const)('the journal says it better: %s, and marked since', (what, origin) => {
    const journal = [entry('refreshed'), entry('logged-in'), entry(what), entry('spent')]
    const stored = record(5, [4], { journal })
    expect(next(initialState(true), read('theirs', stored)).origin).toBe(origin)
  })

  it('it says what we say: nothing is unsaved any more, under the version that is stored', () => {
    const stored = record(5, [4], { version: 6 })
    const made = next({ ...live(), unsaved: {} }, read('same', stored))
    expect(made.state).toMatchObject({ record: stored, unsaved: undefined, epoch: 7, notes: [] })
    expect(made.origin).toBeUndefined()
  })

  it('it holds an older state: what is in force is unsaved, and that is noted once', () => {
    const made = next(live(), read('ours', record(4)))
    expect(made.state).toMatchObject({ record: record(5, [4]), unsaved: {}, epoch: 7 })
    expect(notesOf(made)).toEqual(['restored'])
    expect(notesOf(next(made.state, read('ours', record(4))))).toEqual(['restored'])
    const login = { replaced: new Map([['cyd', true]]) }
    const known = next({ ...live(), unsaved: login }, read('ours', record(4)))
    expect(known.state.unsaved).toBe(login)
    expect(notesOf(known)).toEqual([])
  })

  it('it holds another refresh of the session: that is adopted', () => {
    const made = next({ ...live(), unsaved: {} }, read('theirs', record(6, [5])))
    expect(made.state).toMatchObject({ record: record(6, [5]), unsaved: undefined, epoch: 8 })
    const event = { expiresAt: 2_000, isOtherSession: false }
    expect(made.told).toEqual([{ name: 'adopted', event }])
    expect(made.origin).toBe('refresh-elsewhere')
    expect(made.revoke).toBeUndefined() // a sibling: to revoke it could end the session
    expect(notesOf(made)).toEqual(['adopted'])
  })

  it('it holds another login: that is adopted', () => {
    const bob = record(6, [], { sessionId: 'bob' })
    const made = next(live(), read('theirs', bob))
    expect(made.told).toMatchObject([{ name: 'adopted', event: { isOtherSession: true } }])
    expect(made.origin).toBe('login')
    expect(made.revoke).toBeUndefined() // whoever logged in revoked what the store held
  })

  it('it holds another login, and ours was never saved: nobody else can revoke it', () => {
    const bob = record(6, [], { sessionId: 'bob' })
    expect(next({ ...live(), unsaved: {} }, read('theirs', bob)).revoke).toEqual(record(5).tokens)
    const unsavedLogout = { ...live(signedOut(5)), unsaved: {} }
    expect(next(unsavedLogout, read('theirs', bob)).revoke).toBeUndefined()
  })

  it('a login with the refresh token that is in force: that is not revoked', () => {
    const same = record(6, [], { sessionId: 'bob', tokens: live().record!.tokens })
    expect(next({ ...live(), unsaved: {} }, read('theirs', same)).revoke).toBeUndefined()
  })

  it.each([
    ['signed-out', signedOut(6, [5])],
    ['invalid-grant', refused(6, 5, [5])],
  ] as const)('it holds an end (%s): that is ours too', (reason, stored) => {
    const made = next({ ...live(), unsaved: {} }, read('signed-out', stored))
    expect(made.state).toMatchObject({ record: stored, unsaved: undefined, epoch: 8 })
    expect(made.state.ended).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', reason })
    expect(made.told).toMatchObject([{ name: 'sessionEnded', event: { reason } }])
  })

  it('a sign-out of a release that did not say why is the user’s', () => {
    const made = next(live(), read('signed-out', record(6, [5], { tokens: null })))
    expect(made.state.ended).toMatchObject({ reason: 'signed-out' })
  })

  it('it holds nothing any more: the session has ended', () => {
    const made = next(live(), read('gone'))
    expect(made.state).toMatchObject({ record: undefined, storeRead: true })
    expect(made.state.ended).toMatchObject({ reason: 'gone' })
    expect(namesOf(made)).toEqual(['sessionEnded'])
  })

  it('... and where an older state of it comes back, what was lost is in force, and to be saved', () => {
    const gone = next(live(), read('gone')).state
    expect(gone.lost).toEqual(live().record)
    const made = next(gone, read('ours', record(4)))
    expect(made.state).toMatchObject({ record: live().record, unsaved: {}, epoch: 9 })
    expect([made.state.ended, made.state.lost]).toEqual([undefined, undefined])
    expect(made.state.notes.at(-1)).toMatchObject({ what: 'restored' })
    expect(made.told).toMatchObject([{ name: 'adopted', event: { isOtherSession: false } }])
  })

  it('... and where anything else comes, it is forgotten', () => {
    const gone = next(live(), read('gone')).state
    const bob = record(6, [], { sessionId: 'bob' })
    expect(next(gone, read('theirs', bob)).state.lost).toBeUndefined()
    expect(next(gone, read('signed-out', signedOut(6))).state.lost).toBeUndefined()
    expect(next(gone, { type: 'logged-in', record: bob }).state.lost).toBeUndefined()
  })

  it('it holds nothing any more, where none is needed to go on: nothing has ended', () => {
    const made = next({ ...live(), canEnd: false }, read('gone'))
    expect(made.state).toMatchObject({ record: record(5, [4]), ended: undefined })
    expect(made.told).toEqual([])
  })

  it('it holds nothing, and nothing is known: that is known now', () => {
    const made = next(initialState(true), read('nothing'))
    expect(made).toEqual({ state: { ...initialState(true), storeRead: true }, told: [] })
  })
})

describe('the initial tokens', () => {
  it('come in force like a login that nobody is told of', () => {
    const made = next(initialState(true), { type: 'seeded', record: record(1) })
    expect(made.state).toMatchObject({ record: record(1), unsaved: undefined, storeRead: true })
    expect(made.origin).toBe('login')
    expect(made.told).toEqual([])
  })

  it('are in force also where they could not be saved', () => {
    const made = next(initialState(true), { type: 'seeded', record: record(1), error: saveError })
    expect(made.state).toMatchObject({ record: record(1), unsaved: {} })
    expect(made.told).toEqual([{ name: 'saveFailed', event: { error: saveError } }])
  })
})

describe('a refresh', () => {
  const event = { reason: 'due', durationMs: 3, expiresAt: 2_000 } as const

  it('that is sent changes nothing, and is told', () => {
    const made = next(live(), { type: 'sending', event: { reason: 'due' } })
    expect(made).toEqual({
      state: live(),
      told: [{ name: 'refreshing', event: { reason: 'due' } }],
    })
  })

  it('brings tokens in force', () => {
    const made = next(live(), { type: 'refreshed', record: record(6, [5]), isOwn: true, event })
    expect(made.state).toMatchObject({ record: record(6, [5]), unsaved: undefined, epoch: 8 })
    expect(made.told).toEqual([{ name: 'refreshed', event }])
    expect(made.origin).toBe('refresh')
  })

  it('brings them in force unsaved, and that is told first', () => {
    const change = { type: 'refreshed', record: record(6, [5]), isOwn: true, event } as const
    const made = next(live(), { ...change, error: saveError })
    expect(made.state.unsaved).toEqual({ over: live().record })
    expect(namesOf(made)).toEqual(['saveFailed', 'refreshed'])
  })

  it('keeps in mind, while it is unsaved, what the login before it took the place of', () => {
    const unsaved = { replaced: new Map([['cyd', false]]) }
    const change = { type: 'refreshed', record: record(6, [5]), isOwn: true, event } as const
    const made = next({ ...live(), unsaved }, { ...change, error: saveError })
    expect(made.state.unsaved).toEqual({ ...unsaved, over: live().record })
    expect(made.state.notes).toMatchObject([{ what: 'not-saved', error: 'failed' }])
  })

  it('for a resource leaves where the session’s own token came from', () => {
    const made = next(live(), { type: 'refreshed', record: record(6, [5]), isOwn: false, event })
    expect(made.origin).toBeUndefined()
  })

  it('whose response came late is told to nobody', () => {
    const made = next(live(), { type: 'refreshed', record: record(6, [5]), isOwn: true })
    expect(made.told).toEqual([])
  })

  it('begins a session again that had ended', () => {
    const made = after(
      live(),
      { type: 'ended', error: loginRequired('gone') },
      { type: 'refreshed', record: record(9, []), isOwn: true },
    )
    expect(made.state.ended).toBeUndefined()
  })

  it('that failed is told and noted, with what the server said', () => {
    const error = loginRequired('no-refresh-token')
    const event = { reason: 'expired', durationMs: 3, error, retryInMs: 1_000 } as const
    const made = next(live(), { type: 'refresh-failed', event })
    expect(made.told).toEqual([{ name: 'refreshFailed', event }])
    expect(made.state).toMatchObject({ record: record(5, [4]), epoch: 7 })
    expect(made.state.notes).toMatchObject([{ what: 'failed', error: 'no-refresh-token' }])
  })
})

describe('a refresh token whose end is known', () => {
  const DAY = 86_400_000
  const ending = (version: number, refreshTokenExpiresAt: number | undefined) => {
    const { tokens, ...fields } = record(version, [version - 1])
    return storedSession({ ...fields, tokens: { ...tokens!, refreshTokenExpiresAt } })
  }
  const refreshedTo = (before: number | undefined, after: number | undefined) =>
    next(live(ending(5, before)), { type: 'refreshed', record: ending(6, after), isOwn: true })

  const NOW = Date.UTC(2026, 0, 1)
  beforeEach(() => vi.useFakeTimers({ now: NOW }))
  afterEach(() => vi.useRealTimers())

  it('is told in its last seven days, where a refresh has not put its end off', () => {
    const refreshTokenExpiresAt = NOW + 7 * DAY
    expect(refreshedTo(refreshTokenExpiresAt, refreshTokenExpiresAt).told).toEqual([
      { name: 'refreshTokenExpiring', event: { refreshTokenExpiresAt } },
    ])
  })

  it.each<[string, number | undefined, number | undefined]>([
    ['it lives a moment longer than that', NOW + 7 * DAY + 1, NOW + 7 * DAY + 1],
    ['the refresh put it off', NOW + DAY, NOW + DAY + 60_001],
    ['nobody says when it ends', NOW + DAY, undefined],
    ['nobody had said when it ends', undefined, NOW + DAY],
  ])('is not told where %s', (_when, before, after) => {
    expect(refreshedTo(before, after).told).toEqual([])
  })

  it('is not put off by a minute or less: that is rounding', () => {
    expect(namesOf(refreshedTo(NOW + DAY, NOW + DAY + 60_000))).toEqual(['refreshTokenExpiring'])
  })
})

describe('what was in force here', () => {
  const bob = record(6, [], { sessionId: 'bob' })
  const formerOf = ({ state }: Transition) => state.record?.formerSessions

  it('is over, also where whoever logged in elsewhere did not know it', () => {
    const made = next(live(), { type: 'read', comparison: 'theirs', stored: bob })
    expect(formerOf(made)).toEqual(['ann'])
  })

  it('stays over when an older release has written the record that is in force', () => {
    const adopted = next(live(), { type: 'read', comparison: 'theirs', stored: bob })
    expect(
      formerOf(next(adopted.state, { type: 'read', comparison: 'same', stored: bob })),
    ).toEqual(['ann'])
  })

  it('is over too where another session ended elsewhere', () => {
    const stored = signedOut(7, [6], { sessionId: 'bob' })
    const made = next(live(), { type: 'read', comparison: 'signed-out', stored })
    expect(formerOf(made)).toEqual(['ann'])
  })

  it('leaves a record that says so as it is', () => {
    const stored = record(6, [5], { sessionId: 'bob', formerSessions: ['ann'] })
    const made = next(live(), { type: 'read', comparison: 'theirs', stored })
    expect(made.state.record).toBe(stored)
  })
})

describe('a login', () => {
  const bob = record(6, [5], { sessionId: 'bob' })

  it('is in force, and told', () => {
    const made = next(live(), { type: 'logged-in', record: bob })
    expect(made.state).toMatchObject({ record: bob, unsaved: undefined })
    expect(made.told).toEqual([
      { name: 'tokensSet', event: { expiresAt: 2_000, hasRefreshToken: true } },
    ])
    expect(made.origin).toBe('login')
  })

  it('says whether it brought a refresh token', () => {
    const { refreshToken: _, ...tokens } = bob.tokens!
    const made = next(live(), { type: 'logged-in', record: { ...bob, tokens } })
    expect(made.told[0]).toMatchObject({ event: { hasRefreshToken: false } })
  })

  it('is in force although it could not be saved', () => {
    const unsaved = { replaced: new Map([['ann', false]]) }
    const made = next(live(), { type: 'logged-in', record: bob, unsaved, error: saveError })
    expect(made.state.unsaved).toBe(unsaved)
    expect(namesOf(made)).toEqual(['tokensSet', 'saveFailed'])
  })

  it('after an end takes it back', () => {
    const made = after(
      live(),
      { type: 'ended', error: loginRequired('gone') },
      { type: 'logged-in', record: bob },
    )
    expect(made.state.ended).toBeUndefined()
  })
})

describe('a logout', () => {
  const error = loginRequired('signed-out')
  const unsaved = { replaced: new Map([['ann', false]]) }
  const logout: Change = { type: 'logged-out', error, record: signedOut(6, [5]), unsaved }

  it('ends the session at once, before it is saved', () => {
    const made = next(live(), logout)
    expect(made.state).toMatchObject({ record: signedOut(6, [5]), unsaved, ended: error, epoch: 8 })
    expect(made.told).toMatchObject([{ name: 'sessionEnded', event: { reason: 'signed-out' } }])
    expect(made.revoke).toBeUndefined() // the logout itself asks for it
  })

  it('is told only where somebody was signed in', () => {
    expect(next(live(signedOut(4)), logout).told).toEqual([])
    expect(next(initialState(true), logout).told).toEqual([])
  })

  it('of a manager that acquires ends nothing for its callers', () => {
    const made = next({ ...live(), canEnd: false }, logout)
    expect(made.state.ended).toBeUndefined()
    expect(namesOf(made)).toEqual(['sessionEnded'])
  })

  it('leaves the store read, whatever was known', () => {
    expect(next(initialState(true), logout).state.storeRead).toBe(true)
  })
})

describe('saving', () => {
  it('makes the record in force the stored one', () => {
    const made = next({ ...live(), unsaved: {} }, { type: 'saved', record: record(6, [5]) })
    expect(made.state).toMatchObject({ record: record(6, [5]), unsaved: undefined, epoch: 7 })
    expect(made.told).toEqual([])
  })

  it('that failed is told and noted, and changes nothing in force', () => {
    const made = next(live(), { type: 'not-saved', unsaved: {}, error: saveError })
    expect(made.state).toMatchObject({ record: record(5, [4]), unsaved: {}, epoch: 7 })
    expect(made.told).toEqual([{ name: 'saveFailed', event: { error: saveError } }])
    expect(made.state.notes).toMatchObject([{ what: 'not-saved', error: 'failed' }])
  })
})

describe('the end', () => {
  const error = new LoginRequiredError('refused', { reason: 'invalid-grant' })

  it('is the very error that the server’s word became', () => {
    const made = next(live(), { type: 'ended', error, record: refused(6, 5, [5]) })
    expect(made.state).toMatchObject({ record: refused(6, 5, [5]), unsaved: undefined })
    expect(made.state.ended).toBe(error)
  })

  it('that could not be saved is in force here, told after it', () => {
    const made = next(live(), { type: 'ended', error, record: refused(6, 5, [5]), saveError })
    expect(made.state.unsaved).toEqual({})
    expect(namesOf(made)).toEqual(['sessionEnded', 'saveFailed'])
  })

  it('before anybody had logged in is told to nobody', () => {
    const made = next(initialState(true), { type: 'ended', error: loginRequired('no-session') })
    expect(made.told).toEqual([])
    expect(made.state.ended).toMatchObject({ reason: 'no-session' })
  })

  it('says in the error and in the event what led there', () => {
    const journal = [entry('logged-in'), entry('spent', { at: entry('spent').at + 1 })]
    const stored = record(6, [5], { tokens: null, ended: { reason: 'signed-out' }, journal })
    const made = next(live(), { type: 'read', comparison: 'signed-out', stored })
    const history = [
      '2026-03-01T12:00:00.000Z: The user logged in (process 41@web-3).',
      '2026-03-01T12:00:00.001Z: The refresh token was sent to the authorization server (process 41@web-3).',
    ]
    expect(made.state.ended?.history).toEqual(history)
    expect(made.told).toMatchObject([{ event: { history } }])
  })

  it('says what the server said when it ended the session elsewhere', () => {
    const said = { error: 'bad_refresh_token', errorDescription: 'AADSTS50173' }
    const journal = [
      entry('ended', { errorDescription: 'an earlier one' }),
      entry('ended', said),
      entry('restored'),
    ]
    const stored = record(6, [5], { tokens: null, ended: { reason: 'invalid-grant' }, journal })
    const { ended } = next(live(), { type: 'read', comparison: 'signed-out', stored }).state
    expect(ended).toMatchObject({
      reason: 'invalid-grant',
      providerError: 'bad_refresh_token',
      errorDescription: 'AADSTS50173',
    })
  })

  it('that an older release wrote, without a reason, is a logout', () => {
    const stored = record(6, [5], { tokens: null })
    const { ended } = next(live(), { type: 'read', comparison: 'signed-out', stored }).state
    expect(ended).toMatchObject({ reason: 'signed-out' })
  })

  it('says the last five things, also those that only this process knows', () => {
    const many = Array.from({ length: 9 }, (_, at) => entry('adopted', { at }))
    const made = next(live(record(5, [4], { journal: many })), {
      type: 'ended',
      error: loginRequired('gone'),
    })
    const history = made.state.ended!.history
    expect(history).toHaveLength(5)
    expect(history.at(-1)).toMatch(/The session ended: gone/)
  })
})

describe('tokens that a refresh brought and nobody wants any more', () => {
  const tokens = toTokenSet({ accessToken: 'late', refreshToken: 'late-rt', expiresIn: 300 })

  it('are to be forgotten by the server, and change nothing here but a note', () => {
    const made = next(live(), { type: 'dropped', tokens, inForce: undefined })
    expect(made.revoke).toBe(tokens)
    expect(made.state).toMatchObject({ record: record(5, [4]), epoch: 7 })
    expect(notesOf(made)).toEqual(['superseded'])
  })

  it.each([
    ['the refresh token in force here', { refreshToken: 'refresh-5' }, undefined],
    ['the access token in force here', { accessToken: 'access-5' }, undefined],
    ['the refresh token that the store holds', { refreshToken: 'refresh-9' }, record(9)],
  ])('are kept where %s is among them', (_what, fields, inForce) => {
    const mixed = { ...tokens, ...fields }
    expect(next(live(), { type: 'dropped', tokens: mixed, inForce }).revoke).toBeUndefined()
  })

  it('are not kept because neither side has a refresh token', () => {
    const bare = toTokenSet({ accessToken: 'late', expiresIn: 300 })
    const held = record(5, [4], { tokens: toTokenSet({ accessToken: 'now', expiresIn: 300 }) })
    expect(next(live(held), { type: 'dropped', tokens: bare, inForce: undefined }).revoke).toBe(
      bare,
    )
  })

  it('are revoked after a logout, when nothing is in force', () => {
    const made = next(live(signedOut(6, [5])), { type: 'dropped', tokens, inForce: undefined })
    expect(made.revoke).toBe(tokens)
  })
})

describe('closing', () => {
  it('changes nothing else', () => {
    const made = next(live(), { type: 'closed' })
    expect(made).toEqual({ state: { ...live(), isClosed: true }, told: [] })
  })
})

describe('what this process noted', () => {
  it('is never more than a dozen things', () => {
    const failures = Array.from({ length: 30 }, (): Change => ({
      type: 'not-saved',
      unsaved: {},
      error: saveError,
    }))
    expect(after(live(), ...failures).state.notes).toHaveLength(12)
  })
})
