import { inspect } from 'node:util'
import { toTokenSet, type StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import {
  ancestorsOf,
  formerSessionsOf,
  isSameRecord,
  newSession,
  nextVersion,
  readSession,
  storedSession,
} from '../../../src/stores/stored-session.js'

const tokens = toTokenSet({ accessToken: 'secret', refreshToken: 'hidden', expiresIn: 300 })
const record: StoredSession = { sessionId: 'session', version: 3, tokens }

describe('what comes out of a store', () => {
  it.each([undefined, null])('%s means that nothing is stored', (value) => {
    expect(readSession(value)).toEqual({ session: undefined, version: undefined })
  })

  it('is the session that went in, also as plain JSON', () => {
    const plain = JSON.parse(JSON.stringify(record)) as unknown
    expect(readSession(plain)).toEqual({ session: record, version: 3 })
  })

  it('keeps fields that it does not know', () => {
    expect(readSession({ ...record, dpopKey: 'jwk' }).session).toMatchObject({ dpopKey: 'jwk' })
  })

  it('may be a sign-out', () => {
    expect(readSession({ ...record, tokens: null }).session?.tokens).toBeNull()
  })

  it.each([
    ['text', 'torn {'],
    ['a number', 7],
    ['no version', { ...record, version: undefined }],
    ['a version that is text', { ...record, version: '3' }],
    ['a negative version', { ...record, version: -1 }],
    ['a version that is no whole number', { ...record, version: 1.5 }],
  ])('is damaged, of unknown version, where it is %s', (_what, value) => {
    expect(readSession(value)).toMatchObject({
      version: undefined,
      damage: { code: 'ERR_TOKEN_STORE', operation: 'load', reason: 'damaged', isTransient: false },
    })
  })

  it.each([
    ['no session id', { ...record, sessionId: '' }],
    ['a session id that is no text', { ...record, sessionId: 7 }],
    ['no tokens', { ...record, tokens: undefined }],
    ['tokens that are text', { ...record, tokens: 'secret' }],
    ['no access token', { ...record, tokens: { ...tokens, accessToken: undefined } }],
    [
      'an access token with a line break',
      { ...record, tokens: { ...tokens, accessToken: 'a\nb' } },
    ],
    ['a relative expires_in', { ...record, tokens: { ...tokens, expires_in: 300 } }],
    ['a relative expiresIn', { ...record, tokens: { ...tokens, expiresIn: 300 } }],
    ['no issuedAt', { ...record, tokens: { ...tokens, issuedAt: undefined } }],
    ['an expiresAt that is text', { ...record, tokens: { ...tokens, expiresAt: 'soon' } }],
    ['a refresh token that is no text', { ...record, tokens: { ...tokens, refreshToken: 7 } }],
  ])('is damaged, of known version, where it has %s', (_what, value) => {
    expect(readSession(value)).toMatchObject({ version: 3, damage: { reason: 'damaged' } })
  })

  it('tells of damage without a token in the message', () => {
    const { damage } = readSession({ ...record, tokens: 'secret' })
    expect(inspect(damage)).not.toContain('secret')
  })
})

describe('what a record says beside its tokens', () => {
  const journal = [{ at: 1, by: '41@web-3', what: 'spent', refreshTokenVersion: 2 }] as const
  const whole: StoredSession = {
    ...record,
    ancestors: [2, 1],
    formerSessions: ['before'],
    refreshTokenVersion: 2,
    spending: { since: 1, by: '41@web-3', attempts: 1 },
    coolDown: { since: 1, durationMs: 2, failures: 3 },
    journal,
  }

  it('comes back as it was', () => {
    expect(readSession(JSON.parse(JSON.stringify(whole))).session).toEqual(whole)
    const ended = { reason: 'invalid-grant', refreshTokenVersion: 2 } as const
    const end: StoredSession = { ...record, tokens: null, ended }
    expect(readSession(end).session).toEqual(end)
  })

  it('is not there in a record of an older release, and none is made up', () => {
    expect(Object.keys(readSession(record).session!)).toEqual(['sessionId', 'version', 'tokens'])
  })

  it.each<[string, object]>([
    ['ancestors', { ancestors: 'torn' }],
    ['formerSessions', { formerSessions: 7 }],
    ['refreshTokenVersion', { refreshTokenVersion: -1 }],
    ['spending', { spending: { since: 'now', by: '41@web-3', attempts: 1 } }],
    ['spending', { spending: { since: 1, by: '', attempts: 1 } }],
    ['spending', { spending: null }],
    ['coolDown', { coolDown: { since: 1, durationMs: NaN, failures: 1 } }],
    ['coolDown', { coolDown: 7 }],
    ['ended', { ended: {} }],
    ['ended', { ended: 'yesterday' }],
    ['journal', { journal: {} }],
  ])('says nothing where it is not as it should be: the tokens are kept (%s)', (name, fields) => {
    const { session, damage } = readSession({ ...whole, ...fields })
    expect(damage).toBeUndefined()
    expect(session?.tokens).toEqual(tokens)
    expect(session).not.toHaveProperty(name)
  })

  it('leaves out what is wrong in a list, and keeps the rest', () => {
    const odd = {
      ancestors: [2, 'x', -1, 1],
      formerSessions: ['ann', 7, '', 'bob'],
      journal: [...journal, null, { at: 1 }, 'x'],
    }
    const formerSessions = ['ann', 'bob']
    expect(readSession({ ...whole, ...odd }).session).toMatchObject({
      ancestors: [2, 1],
      formerSessions,
      journal,
    })
  })

  it('is kept whole where a later release says more', () => {
    const later = { ...whole, handoff: { to: 'web-4' }, journal: [{ ...journal[0], trace: 'x' }] }
    expect(readSession(later).session).toMatchObject({
      handoff: { to: 'web-4' },
      journal: [{ trace: 'x' }],
    })
  })
})

describe('versions', () => {
  it('come after all that are known, by a step that nobody can tell before', () => {
    expect(nextVersion(7, undefined, 9)).toBeGreaterThan(9)
    expect(new Set(Array.from({ length: 20 }, () => nextVersion(9))).size).toBeGreaterThan(15)
  })

  it('never leave what a number can hold exactly', () => {
    expect(nextVersion(Number.MAX_SAFE_INTEGER - 1)).toBe(Number.MAX_SAFE_INTEGER)
  })

  it('that a record descends from are the latest 32, each once', () => {
    const long = { ...record, version: 100, ancestors: Array.from({ length: 40 }, (_, at) => at) }
    const other = { ...record, version: 200, ancestors: [100, 0] }
    expect(ancestorsOf(other, undefined, long)).toEqual([200, 100, ...Array(30).keys()])
    expect(ancestorsOf(undefined)).toEqual([])
  })

  it('are never without the one that brought the refresh token', () => {
    let latest = { ...record, version: 100, refreshTokenVersion: 3, ancestors: [3] }
    for (let version = 101; version < 200; version++) {
      latest = { ...latest, version, ancestors: ancestorsOf(latest) }
    }
    expect(latest.ancestors).toContain(3)
    expect(latest.ancestors).toHaveLength(32)
  })
})

describe('the sessions that a login takes the place of', () => {
  const of = (sessionId: string, ...formerSessions: string[]) => ({
    ...record,
    sessionId,
    formerSessions,
  })

  it('are those in force before it and what they had replaced, the last eight, each once', () => {
    const local = of('i', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    expect(formerSessionsOf('k', local, of('b'))?.join('')).toBe('cdefghib')
  })

  it('do not hold the session itself', () => {
    expect(formerSessionsOf('session', of('ann', 'session'), record)).toEqual(['ann'])
  })

  it('are not told where there are none: a first login', () => {
    expect(formerSessionsOf('session', undefined, record)).toBeUndefined()
  })
})

describe('whether two records say the same', () => {
  it('they do, however often one went through JSON', () => {
    expect(isSameRecord(JSON.parse(JSON.stringify(record)) as StoredSession, record)).toBe(true)
  })

  it('they do under different versions: a save that was thought lost may have landed', () => {
    expect(isSameRecord({ ...record, version: 4 }, record)).toBe(true)
  })

  it('two ends of one session do', () => {
    const end = { ...record, tokens: null }
    expect(isSameRecord({ ...end, version: 4 }, end)).toBe(true)
  })

  it.each([
    ['another session', { sessionId: 'other' }],
    ['another access token', { tokens: { ...tokens, accessToken: 'other' } }],
    ['another refresh token', { tokens: { ...tokens, refreshToken: 'other' } }],
    ['a sign-out', { tokens: null }],
  ])('they do not with %s', (_what, fields) => {
    expect(isSameRecord({ ...record, ...fields }, record)).toBe(false)
  })

  it('nothing says nothing', () => {
    expect(isSameRecord(undefined, record)).toBe(false)
  })
})

describe('a record of ours', () => {
  it('cannot be changed, shows no token, and round-trips through JSON', () => {
    const ours = storedSession(record)
    expect(Object.isFrozen(ours)).toBe(true)
    expect(inspect({ ours }, { depth: 9 })).not.toMatch(/secret|hidden/)
    expect(inspect(storedSession({ ...record, tokens: null }))).toContain('logged out')
    expect(JSON.parse(JSON.stringify(ours))).toEqual(JSON.parse(JSON.stringify(record)))
  })

  it('begins with a session id of its own and a version that no other begins with', () => {
    const [one, other] = [newSession(tokens), newSession(tokens)]
    expect(one.sessionId).not.toBe(other.sessionId)
    expect(new Set(Array.from({ length: 20 }, () => nextVersion())).size).toBeGreaterThan(15)
    expect(Number.isSafeInteger(one.version)).toBe(true)
    expect(one.version).toBeGreaterThan(0)
  })
})
