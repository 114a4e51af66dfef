import type { StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import {
  compareWithStore,
  type Comparison,
  type LocalSession,
  type Unsaved,
} from '../../../src/session/compare.js'
import { record, refused, signedOut } from '../../support/session/records.js'

type Row = [stored: string, StoredSession | undefined, Comparison]

const saved = (held: StoredSession | undefined): LocalSession => ({
  record: held,
  unsaved: undefined,
})
const unsaved = (held: StoredSession, made: Unsaved = {}): LocalSession => ({
  record: held,
  unsaved: made,
})
const of = (sessionId: string) => ({ sessionId })

function rows(local: LocalSession, cases: Row[]): void {
  it.each<Row>(cases)('%s', (_stored, stored, expected) => {
    expect(compareWithStore(local, stored)).toBe(expected)
  })
}

describe('beside nothing, what is stored is news', () => {
  rows(saved(undefined), [
    ['nothing', undefined, 'nothing'],
    ['a session', record(5, []), 'theirs'],
    ['a sign-out', signedOut(5, []), 'signed-out'],
    ['an end by the server', refused(5, 4, [4]), 'signed-out'],
  ])
})

describe('beside a session that was saved', () => {
  rows(saved(record(50, [40, 30])), [
    ['the record itself', record(50, [40, 30]), 'same'],
    ['what it says, under another version', record(50, [40, 30], { version: 60 }), 'same'],
    ['another record of its version, which no two have', record(50, [7], of('bob')), 'same'],
    ['nothing', undefined, 'gone'],
    ['a later refresh', record(60, [50, 40]), 'theirs'],
    ['a later refresh by two', record(70, [60, 50]), 'theirs'],
    ['its logout', signedOut(60, [50]), 'signed-out'],
    ['the refusal of its refresh token', refused(60, 50, [50]), 'signed-out'],
    ['what it was made from: the store was set back', record(40, [30]), 'ours'],
    ['what that was made from', record(30, []), 'ours'],
    ['a sign-out that a login came after: the store was set back', signedOut(40, [30]), 'ours'],
    ['another refresh of what it was made from', record(45, [30], {}), 'theirs'],
    ['another login', record(20, [], of('bob')), 'theirs'],
    ['another login, of a higher version', record(90, [], of('bob')), 'theirs'],
    ['a logout of another session', signedOut(90, [], of('bob')), 'signed-out'],
  ])
})

describe('beside a session whose record was gone', () => {
  const lost = record(50, [40, 30], { formerSessions: ['carl'] })
  rows({ record: undefined, unsaved: undefined, lost }, [
    ['nothing, still', undefined, 'nothing'],
    ['the record itself, which is back', lost, 'theirs'],
    ['a session that it had replaced', record(90, [], of('carl')), 'ours'],
    ['a later refresh', record(60, [50, 40]), 'theirs'],
    ['its logout', signedOut(60, [50]), 'signed-out'],
    ['an older state of it', record(40, [30]), 'ours'],
    ['the refusal of an older refresh token', refused(45, 40, [40]), 'ours'],
    ['another login', record(20, [], of('bob')), 'theirs'],
    ['a logout of another session', signedOut(90, [], of('bob')), 'signed-out'],
  ])
})

describe('beside a session whose first ancestors are cut off', () => {
  const latest = Array.from({ length: 32 }, (_, at) => 99 - at)

  rows(saved(record(100, latest)), [
    ['an ancestor that is not remembered: the store was set back', record(50, [40]), 'ours'],
    ['the refusal of such a one, to another process', refused(61, 50, [50]), 'ours'],
    ['a logout there', signedOut(61, [50]), 'signed-out'],
    ['another login there', record(50, [40], of('bob')), 'theirs'],
    ['a later refresh of a lower version', record(50, [100]), 'theirs'],
  ])

  describe('a logout that could not be saved all that time', () => {
    rows(unsaved(signedOut(50, [40])), [['stands', record(100, latest), 'ours']])
  })

  describe('a refresh that could not be saved all that time', () => {
    rows(unsaved(record(50, [40])), [['gives way', record(100, latest), 'theirs']])
  })
})

describe('newer is decided by what a record was made from, not by its number', () => {
  rows(saved(record(50, [40])), [
    ['a later refresh of a lower version', record(7, [50, 40]), 'theirs'],
    ['an older state of a higher version', record(40, [], { version: 40 }), 'ours'],
  ])
  rows(saved(record(5, [90])), [['what ours was made from, of a higher version', record(90), 'ours']]) // prettier-ignore
})

describe('the refresh token that ours came from, noted by another as being spent', () => {
  const local = saved(record(50, [40, 30], { refreshTokenVersion: undefined }))
  const spending = { since: 1, by: '7@web-1', attempts: 1 }

  rows(local, [
    [
      'is what ours was made from, under a version that nobody here knows',
      record(45, [40], { refreshTokenVersion: 40, spending }),
      'ours',
    ],
    ['is news where the refresh token is ours', record(45, [50], { refreshTokenVersion: 50 }), 'theirs'],
    ['is news where ours does not descend from it', record(45, [44], { refreshTokenVersion: 44 }), 'theirs'],
  ]) // prettier-ignore

  it('is what ours was made from also where the server did not rotate', () => {
    const notRotated = saved(record(50, [40], { refreshTokenVersion: 40 }))
    expect(compareWithStore(notRotated, record(40))).toBe('ours')
  })

  it('says nothing in a sign-out', () => {
    const logout = signedOut(45, [40], { refreshTokenVersion: 40 })
    expect(compareWithStore(local, logout)).toBe('signed-out')
  })

  it('is news where the server did not rotate: both hold the same one', () => {
    const notRotated = saved(record(50, [40], { refreshTokenVersion: 40 }))
    const other = record(45, [40], { refreshTokenVersion: 40 })
    expect(compareWithStore(notRotated, other)).toBe('theirs')
  })
})

describe('an end says of which refresh token it speaks', () => {
  rows(unsaved(record(50, [40, 30])), [
    ['of the one that ours was made from: ours came all the same', refused(45, 40, [40]), 'ours'],
    ['of one before', refused(45, 30, [30]), 'ours'],
    ['of another that ours did not come from', refused(45, 44, [44]), 'signed-out'],
    ['of ours', refused(60, 50, [50]), 'signed-out'],
    ['of none that is known', record(45, [40], { tokens: null, ended: { reason: 'invalid-grant' } }), 'signed-out'],
    ['nothing of the server: the user logged out', signedOut(45, [40]), 'signed-out'],
    ['nothing at all', record(45, [40], { tokens: null }), 'signed-out'],
    ['of the one that ours was made from, beside tokens: it is none', record(45, [44], { ended: { reason: 'invalid-grant', refreshTokenVersion: 40 } }), 'theirs'],
  ]) // prettier-ignore

  it('speaks to a login that was made after it', () => {
    const login = unsaved(record(50, [45, 40], of('bob')))
    expect(compareWithStore(login, refused(46, 40, [40]))).toBe('ours')
  })

  it('does not bring back what had ended here too', () => {
    expect(compareWithStore(saved(refused(50, 40, [40])), refused(45, 40, [40]))).toBe('same')
  })
})

describe('beside what was made over a record and is not saved', () => {
  rows(unsaved(record(50, [30]), { over: record(40, [30]) }), [
    ['that record', record(40, [30]), 'ours'],
    ['that record with a note on it', record(40, [30], { version: 45 }), 'ours'],
    ['another of the session', record(45, [44]), 'theirs'],
    ['the logout from it', signedOut(45, [40]), 'signed-out'],
    ['the same tokens in another session', record(40, [30], of('bob')), 'theirs'],
  ])
})

describe('beside a logout that was saved', () => {
  rows(saved(signedOut(50, [40])), [
    ['the record itself', signedOut(50, [40]), 'same'],
    ['nothing: there is nothing to lose', undefined, 'nothing'],
    ['the session before: the store was set back', record(40), 'ours'],
    ['a refresh of the session that was under way', record(45, [40]), 'ours'],
    ['a login', record(60, [50], of('bob')), 'theirs'],
    ['a login that does not know of the logout', record(60, [], of('bob')), 'theirs'],
    ['a refusal of its session, which a later refresh would undo', refused(60, 40, [40]), 'ours'],
    ['a refusal that came after it', refused(60, 50, [50]), 'signed-out'],
    ['a refusal of another session', { ...refused(60, 40, [40]), sessionId: 'bob' }, 'signed-out'],
  ])
})

describe('beside an end for no reason that is told, which is a logout', () => {
  rows(saved(record(50, [40], { tokens: null })), [
    ['a refresh of the session that was under way', record(45, [44]), 'ours'],
    ['a login', record(60, [50], of('bob')), 'theirs'],
  ])
})

describe('beside an end that the server told', () => {
  rows(saved(refused(50, 40, [40])), [
    ['a token response made from the refresh token that was refused', record(45, [40]), 'theirs'],
    ['the record whose refresh token was refused', record(40), 'ours'],
  ])
})

describe('beside a refresh that is not saved', () => {
  rows(unsaved(record(50, [40, 30])), [
    ['the record itself, which had been saved after all', record(50, [40]), 'same'],
    ['nothing', undefined, 'ours'],
    ['what it was made from', record(40, [30]), 'ours'],
    ['another refresh of what it was made from', record(45, [40]), 'theirs'],
    ['another login', record(60, [], of('bob')), 'theirs'],
    ['the logout', signedOut(45, [40]), 'signed-out'],
  ])
})

describe('beside a login that is not saved', () => {
  const replaced = new Map([
    ['ann', false],
    ['cyd', true],
  ])
  rows(unsaved(record(50, [40], of('bob')), { replaced }), [
    ['nothing', undefined, 'ours'],
    ['the session that it replaced', record(40), 'ours'],
    ['a later refresh of that', record(60, [41]), 'ours'],
    ['the server’s end of that, which came later', refused(60, 41, [41]), 'ours'],
    ['the user’s logout of that, which came later', signedOut(60, [41]), 'signed-out'],
    ['an end of that for no reason that is told', record(60, [41], { tokens: null }), 'signed-out'],
    ['the logout of what had ended before', signedOut(60, [41], of('cyd')), 'ours'],
    ['a late refresh of what had ended before', record(60, [41], of('cyd')), 'ours'],
    ['another login', record(60, [], of('dan')), 'theirs'],
    ['the logout of another login', signedOut(60, [], of('dan')), 'signed-out'],
    ['what came after it elsewhere', record(60, [50], of('ann')), 'theirs'],
  ])
})

describe('beside what was decided although the store could not be read', () => {
  rows(unsaved(record(50, [], of('bob')), { storeWasUnreadable: true }), [
    ['the record itself', record(50, [], of('bob')), 'same'],
    ['nothing', undefined, 'ours'],
    ['any session', record(90, [80]), 'ours'],
    ['any sign-out', signedOut(90, [80]), 'ours'],
    ['a refresh of it: it was saved, although nobody told', record(90, [50], of('bob')), 'theirs'],
    [
      'a refresh of it, made from a version that was tried before',
      record(90, [45], of('bob')),
      'theirs',
    ],
  ])
})

describe('a session that another login had replaced, here or elsewhere', () => {
  const local = saved(record(50, [], { ...of('bob'), formerSessions: ['ann'] }))
  rows(local, [
    ['does not come back', record(90, [80]), 'ours'],
    ['has its logout believed', signedOut(90, [80]), 'signed-out'],
    ['is refused by the server, which is its own end', refused(90, 80, [80]), 'ours'],
  ])
  it('comes back with what descends from the login', () => {
    expect(compareWithStore(local, record(60, [50]))).toBe('theirs')
  })
})

describe('records of a release that kept no ancestors', () => {
  rows(saved(record(5)), [
    ['a lower version of the session: the store was set back', record(3), 'ours'],
    ['a higher version', record(6), 'theirs'],
    ['another login, whatever its version', record(2, undefined, of('bob')), 'theirs'],
    ['its logout, whatever its version', signedOut(2), 'signed-out'],
    ['nothing', undefined, 'gone'],
  ])
  it('are not judged by their number where one of the two has ancestors', () => {
    expect(compareWithStore(saved(record(5, [2])), record(3))).toBe('theirs')
    expect(compareWithStore(saved(record(5)), record(3, [2]))).toBe('theirs')
  })
})
