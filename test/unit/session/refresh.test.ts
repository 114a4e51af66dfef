import { describe, expect, it } from 'vitest'
import { LoginRequiredError, RefreshUnavailableError } from '../../../src/errors.js'
import { AccessToken } from '../../../src/session/access-token.js'
import { isOver } from '../../../src/session/cool-down.js'
import { asTokenError, Refresh } from '../../../src/session/refresh.js'
import { timingOf } from '../../../src/timing.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { watch } from '../../support/session/promises.js'
import { fakeTime, pass, settle } from '../../support/session/time.js'

fakeTime()

const tokens = (accessToken: string, expiresIn = 300) => toTokenSet({ accessToken, expiresIn })
const OUTCOME = { token: 'at-2', isFromServer: true, isOther: true }

function begun(mustRenew = true) {
  const access = new AccessToken(timingOf({ refresh: () => Promise.reject(new Error()) }))
  access.hold(tokens('at-1'), 'ann', 'refresh')
  const refresh = new Refresh('expired', access, mustRenew)
  access.refreshing = refresh
  return { access, refresh, outcome: watch(refresh.outcome) }
}

describe('the ready states of a refresh', () => {
  it('is running until its callers are answered, which makes room for the next', async () => {
    const { access, refresh, outcome } = begun()
    expect([refresh.state, refresh.isSuperseded]).toEqual(['running', false])
    refresh.answer(OUTCOME)
    await settle()
    expect(refresh.state).toBe('answered')
    expect(outcome.value).toBe(OUTCOME)
    expect(access.refreshing).toBeUndefined()
  })

  it('ends the cool-down when it is answered, and not one that began while it went on saving', () => {
    const { access, refresh } = begun()
    access.failed(new RefreshUnavailableError(), true)
    refresh.answer(OUTCOME)
    expect(isOver(access.coolDown)).toBe(true)
    access.failed(new RefreshUnavailableError(), true)
    refresh.answer(OUTCOME)
    expect(isOver(access.coolDown)).toBe(false)
  })

  it('leaves the cool-down where it only saved what was unsaved', () => {
    const { access, refresh } = begun(false)
    access.failed(new RefreshUnavailableError(), true)
    refresh.answer(OUTCOME)
    expect(isOver(access.coolDown)).toBe(false)
  })

  it('is answered also with a failure', async () => {
    const { access, refresh, outcome } = begun()
    const error = new RefreshUnavailableError()
    refresh.fail(error)
    await settle()
    expect([refresh.state, access.refreshing]).toEqual(['answered', undefined])
    expect(outcome.error).toBe(error)
  })

  it('is superseded by a logout, which is what its callers get', async () => {
    const { refresh, outcome } = begun()
    const end = new LoginRequiredError('', { reason: 'signed-out' })
    refresh.supersede(end)
    await settle()
    expect(refresh.isSuperseded).toBe(true)
    expect(outcome.error).toBe(end)
  })

  it('is superseded by a login, and its callers judge again', async () => {
    const { refresh, outcome } = begun()
    refresh.supersede()
    await settle()
    expect(outcome.value).toEqual({ token: undefined, isFromServer: false, isOther: false })
  })

  it('stays superseded, whatever its request comes to, and leaves the next one alone', async () => {
    const { access, refresh, outcome } = begun()
    refresh.supersede()
    const next = new Refresh('missing', access, true)
    access.refreshing = next
    refresh.answer(OUTCOME)
    refresh.fail(new RefreshUnavailableError())
    await settle()
    expect(refresh.isSuperseded).toBe(true)
    expect(outcome.value).toMatchObject({ token: undefined })
    expect(access.refreshing).toBe(next)
  })

  it('stays superseded where its callers had their answer already', () => {
    const { refresh } = begun()
    refresh.answer(OUTCOME)
    refresh.supersede() // a login, while the answered tokens are still being saved
    expect(refresh.isSuperseded).toBe(true)
  })
})

describe('who joins', () => {
  it('makes a refresh that only saves one that renews, and is counted', () => {
    const { refresh } = begun(false)
    expect([refresh.mustRenew, refresh.hasCallers]).toEqual([false, false])
    refresh.join({})
    expect([refresh.mustRenew, refresh.hasCallers]).toEqual([true, true])
  })

  it('may require more than those before, and never less', () => {
    const { refresh } = begun()
    refresh.join({ minValidityMs: 100 })
    refresh.join({ minValidityMs: 50, rejected: 'at-1' })
    refresh.join({ rejected: 'at-2' })
    expect(refresh.demand.minValidityMs).toBe(100)
    expect(refresh.demand.rejected).toEqual(['at-1', 'at-2'])
  })
})

describe('what the store holds is good enough', () => {
  it('where it is another token that is neither due nor rejected', () => {
    const { access, refresh } = begun()
    expect(refresh.isSatisfiedBy(access)).toBe(false)
    access.hold(tokens('at-2'), 'ann', 'refresh-elsewhere')
    expect(refresh.isSatisfiedBy(access)).toBe(true)
  })

  it('where it is the same token with another life', () => {
    const { access, refresh } = begun()
    access.hold(tokens('at-1', 600), 'ann', 'refresh-elsewhere')
    expect(refresh.isSatisfiedBy(access)).toBe(true)
  })

  it('not where somebody who joined had it rejected', () => {
    const { access, refresh } = begun()
    refresh.join({ rejected: 'at-2' })
    access.hold(tokens('at-2'), 'ann', 'refresh-elsewhere')
    expect(refresh.isSatisfiedBy(access)).toBe(false)
  })

  it('not where it is due, unless only another may renew it', async () => {
    const { access, refresh } = begun()
    access.hold(tokens('at-2'), 'ann', 'refresh-elsewhere')
    await pass(250_000)
    expect(refresh.isSatisfiedBy(access)).toBe(false)
    expect(refresh.isServedBy(access)).toBe(true)
  })

  it('not where somebody who joined needs it longer', () => {
    const { access, refresh } = begun()
    access.hold(tokens('at-2', 300), 'ann', 'login')
    refresh.join({ minValidityMs: 400_000 })
    expect(refresh.isSatisfiedBy(access)).toBe(false)
  })

  it('not where nothing is in force', () => {
    const { access, refresh } = begun()
    access.hold(undefined, undefined)
    expect(refresh.isSatisfiedBy(access)).toBe(false)
  })
})

describe('what a refresh throws', () => {
  it('is ours as it is, and anything else is an unknown outcome', () => {
    const ours = new LoginRequiredError()
    expect(asTokenError(ours)).toBe(ours)
    expect(asTokenError('odd')).toMatchObject({ outcome: 'unknown', isTransient: true })
  })
})
