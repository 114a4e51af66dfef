import type { StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import {
  NO_CLAIM,
  relate,
  unsavedOver,
  type Claim,
  type Relation,
  type Unsaved,
} from '../../../src/refresh/claim.js'
import { actOver, record, signOut } from '../support/desk.js'

type Row = [stored: string, StoredSession | undefined, Relation]

const bob = (version: number) => record(version, { sessionId: 'bob' })
const cyd = (version: number) => record(version, { sessionId: 'cyd' })
const saved = (held: StoredSession): Claim => ({ record: held, unsaved: undefined })
const unsaved = (held: StoredSession, made: Unsaved): Claim => ({ record: held, unsaved: made })

describe('to a claim of nothing', () => {
  it.each<Row>([
    ['nothing', undefined, 'nothing'],
    ['a session', record(5), 'theirs'],
    ['a sign-out', signOut(5), 'signed-out'],
  ])('%s is related as it should be', (_stored, stored, expected) => {
    expect(relate(NO_CLAIM, stored)).toBe(expected)
  })
})

describe('to a session that is saved', () => {
  it.each<Row>([
    ['the record itself', record(5), 'same'],
    ['what it says, under another version', record(5, { version: 9 }), 'same'],
    ['nothing', undefined, 'gone'],
    ['a later refresh', record(6), 'theirs'],
    ['another refresh of the same version', record(60, { version: 5 }), 'theirs'],
    ['another login, whatever its version', bob(2), 'theirs'],
    ['its logout', signOut(6), 'signed-out'],
    ['its logout, whatever its version', signOut(2), 'signed-out'],
    ["another session's logout", signOut(2, 'bob'), 'signed-out'],
    ['an earlier refresh, which the store fell back to', record(3), 'ours'],
  ])('%s is related as it should be', (_stored, stored, expected) => {
    expect(relate(saved(record(5)), stored)).toBe(expected)
  })
})

describe('to a sign-out that is saved', () => {
  it.each<Row>([
    ['the record itself', signOut(5), 'same'],
    ['nothing', undefined, 'nothing'],
    ['the session, which the store fell back to', record(3), 'ours'],
    ['another login', bob(6), 'theirs'],
  ])('%s is related as it should be', (_stored, stored, expected) => {
    expect(relate(saved(signOut(5)), stored)).toBe(expected)
  })
})

describe('to a refresh that is not saved', () => {
  const claim = unsaved(record(7), { ancestors: [record(6), record(5)] })

  it.each<Row>([
    ['the record itself, since it has landed', record(7), 'same'],
    ['nothing', undefined, 'ours'],
    ['what it was made from', record(6), 'ours'],
    ['what that was made from', record(5), 'ours'],
    ['what it was made from, under another version', record(6, { version: 9 }), 'ours'],
    ['another refresh', record(8), 'theirs'],
    ['another refresh, of a lower version', record(4), 'theirs'],
    ['another login', bob(9), 'theirs'],
    ['the logout', signOut(8), 'signed-out'],
    ['the logout, of a lower version', signOut(4), 'signed-out'],
  ])('%s is related as it should be', (_stored, stored, expected) => {
    expect(relate(claim, stored)).toBe(expected)
  })

  it('a sign-out that it was made from is no news', () => {
    const acquired = unsaved(record(6), { ancestors: [signOut(5)] })
    expect(relate(acquired, signOut(5))).toBe('ours')
  })
})

describe('to a login that is not saved', () => {
  const act = actOver({ ann: false, cyd: true })
  const claim = unsaved(bob(6), { ancestors: [record(5)], act })

  it.each<Row>([
    ['the record itself, since it has landed', bob(6), 'same'],
    ['nothing', undefined, 'ours'],
    ['what it replaced', record(5), 'ours'],
    ['a later refresh of what it replaced', record(8), 'ours'],
    ['the end of what it replaced, which came later', signOut(8), 'signed-out'],
    ['the end of what had ended before', signOut(8, 'cyd'), 'ours'],
    ['a late refresh of what had ended before', cyd(8), 'ours'],
    ['another login', record(8, { sessionId: 'dan' }), 'theirs'],
    ['the logout of another login', signOut(8, 'dan'), 'signed-out'],
  ])('%s is related as it should be', (_stored, stored, expected) => {
    expect(relate(claim, stored)).toBe(expected)
  })
})

describe('to a logout that is not saved', () => {
  const act = actOver({ ann: false })
  const claim = unsaved(signOut(6), { ancestors: [record(5)], act })

  it.each<Row>([
    ['the record itself, since it has landed', signOut(6), 'same'],
    ['the end of the session by others, which says the same', signOut(9), 'same'],
    ['nothing', undefined, 'ours'],
    ['a later refresh of the session', record(8), 'ours'],
    ['another login', bob(8), 'theirs'],
  ])('%s is related as it should be', (_stored, stored, expected) => {
    expect(relate(claim, stored)).toBe(expected)
  })
})

describe('to an act that was made blindly', () => {
  const claim = unsaved(bob(6), { ancestors: [], act: actOver({}, true) })

  it.each<Row>([
    ['the record itself, since it has landed', bob(6), 'same'],
    ['nothing', undefined, 'ours'],
    ['any session', record(9), 'ours'],
    ['any sign-out', signOut(9), 'ours'],
  ])('%s is related as it should be', (_stored, stored, expected) => {
    expect(relate(claim, stored)).toBe(expected)
  })
})

describe('what could not be saved', () => {
  it('has for ancestors what is stored, what it was made from, and what that was made from', () => {
    const claim = unsaved(record(6), { ancestors: [record(5), record(4)] })
    const { ancestors } = unsavedOver(claim, record(3))
    expect(ancestors).toEqual([record(3), record(6), record(5), record(4)])
  })

  it('has none where there was nothing', () => {
    expect(unsavedOver(NO_CLAIM, undefined)).toEqual({ ancestors: [], act: undefined })
  })

  it('knows the eight latest, however often saving fails', () => {
    let made: Unsaved | undefined
    for (let version = 1; version <= 20; version++) {
      made = unsavedOver({ record: record(version), unsaved: made }, undefined)
    }
    const versions = made?.ancestors.map(({ version }) => version)
    expect(versions).toEqual([20, 19, 18, 17, 16, 15, 14, 13])
  })

  it('goes on standing for the act that it came after', () => {
    const act = actOver({ ann: false })
    const claim = unsaved(bob(6), { ancestors: [record(5)], act })
    expect(unsavedOver(claim, record(5)).act).toBe(act)
    expect(relate(unsaved(bob(7), unsavedOver(claim, record(5))), record(8))).toBe('ours')
  })
})
