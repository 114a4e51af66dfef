import type { JournalEntry } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  InvalidTokenResponseError,
  LoginRequiredError,
  RefreshRejectedError,
  RefreshUnavailableError,
  TokenStoreError,
} from '../../../src/errors.js'
import { mergeJournals, sentenceOf } from '../../../src/session/explain.js'
import { factsOf, journalEntry, withEntries, writerName } from '../../../src/session/journal.js'
import { entry } from '../../support/session/records.js'

const NOW = Date.UTC(2026, 2, 1, 12)

beforeEach(() => void vi.useFakeTimers({ now: NOW }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('what happened, in a sentence', () => {
  it.each<[JournalEntry, string]>([
    [entry('logged-in'), 'The user logged in'],
    [entry('spent'), 'The refresh token was sent to the authorization server'],
    [
      entry('spent', { refreshTokenVersion: 123_456_789 }),
      'The refresh token #456789 was sent to the authorization server',
    ],
    [entry('refreshed'), 'New tokens were received and saved'],
    [entry('failed'), 'The refresh failed'],
    [entry('failed', { error: 'not-sent' }), 'The refresh failed: not-sent'],
    [
      entry('failed', { status: 401, error: 'invalid_client', errorDescription: 'no such client' }),
      'The refresh failed: HTTP 401, invalid_client, "no such client"',
    ],
    [entry('adopted'), 'Newer tokens were found in the store and taken over'],
    [entry('restored'), 'The store held an older state and was brought up to date'],
    [entry('superseded'), 'A login or logout replaced a refresh, whose tokens were dropped'],
    [entry('not-saved', { error: 'failed' }), 'Tokens could not be saved: failed'],
    [entry('signed-out'), 'The user logged out'],
    [
      entry('ended', { status: 400, error: 'invalid_grant' }),
      'The session ended: HTTP 400, invalid_grant',
    ],
  ])('%j', (happened, sentence) => {
    expect(sentenceOf(happened)).toBe(`2026-03-01T12:00:00.000Z: ${sentence} (process 41@web-3).`)
  })
})

describe('journals of several processes', () => {
  it('are told in the order in which things happened, each once', () => {
    const [login, spent, failed] = [
      entry('logged-in', { at: 1 }),
      entry('spent', { at: 2 }),
      entry('failed', { at: 3, by: '7@web-1' }),
    ]
    expect(mergeJournals([login, spent], [failed, { ...spent }])).toEqual([login, spent, failed])
    expect(mergeJournals([failed], [spent, login])).toEqual([login, spent, failed])
    expect(mergeJournals([], [])).toEqual([])
  })

  it('keep two things that two processes did in one moment', () => {
    const [one, other] = [entry('spent', { by: '1@a' }), entry('spent', { by: '2@b' })]
    expect(mergeJournals([one], [other])).toEqual([one, other])
  })
})

describe('an entry', () => {
  it('says when and who, and cannot be changed', () => {
    const made = journalEntry('spent', { refreshTokenVersion: 5 })
    expect(made).toEqual({ at: NOW, by: writerName(), what: 'spent', refreshTokenVersion: 5 })
    expect(Object.isFrozen(made)).toBe(true)
  })

  it('names the process and the host', () => {
    expect(writerName()).toMatch(new RegExp(`^${process.pid}@.+`))
  })

  it('says that it does not know where the runtime does not tell', () => {
    vi.stubGlobal('process', undefined)
    expect(writerName()).toBe('unknown@unknown')
  })

  it('is one of the last dozen', () => {
    const many = Array.from({ length: 20 }, (_, at) => entry('spent', { at }))
    const kept = withEntries(many, entry('failed', { at: 20 }))
    expect(kept.map(({ at }) => at)).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    expect(withEntries(undefined)).toEqual([])
  })
})

describe('what is known of a failure', () => {
  it('is what the server said', () => {
    const error = new RefreshRejectedError('', {
      status: 401,
      error: 'invalid_client',
      errorDescription: 'no such client',
    })
    expect(factsOf(error)).toEqual({
      status: 401,
      error: 'invalid_client',
      errorDescription: 'no such client',
    })
  })

  it.each([
    [new LoginRequiredError('', { reason: 'no-refresh-token' }), { error: 'no-refresh-token' }],
    [new TokenStoreError('', { operation: 'save', reason: 'locked' }), { error: 'locked' }],
    [new InvalidTokenResponseError(), { error: 'ERR_INVALID_TOKEN_RESPONSE' }],
    [
      new RefreshUnavailableError('', { outcome: 'failed', status: 503 }),
      { status: 503, error: 'ERR_REFRESH_UNAVAILABLE' },
    ],
  ])('is its reason, or its code: %s', (error, facts) => {
    expect(factsOf(error)).toEqual(facts)
  })
})
