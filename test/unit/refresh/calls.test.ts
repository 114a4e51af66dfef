import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Calls, type Call } from '../../../src/refresh/calls.js'
import { SessionTarget } from '../../../src/refresh/target.js'
import { Proving } from '../../../src/proving.js'
import type { Renewal } from '../../../src/renewal.js'
import { storedSession } from '../../../src/stores/stored-session.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import type { TokenSet } from '../../../src/tokens/token-set.js'
import { HeldSession } from '../../../src/refresh/held-session.js'
import { timingOf } from '../../../src/timing.js'
import { savedStock } from '../support/desk.js'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const tokens = (accessToken: string) => toTokenSet({ accessToken, refreshToken: 'rt' })
const stock = (sessionId: string) => {
  const record = storedSession({ sessionId, version: 1, tokens: tokens('at-1') })
  return savedStock(record)
}

const refresh = () => Promise.reject(new Error('not called'))
const target = new SessionTarget(new HeldSession(timingOf({ refresh })))

/** A renewal whose calls the test answers. */
function setUp() {
  const answers: ((tokens: TokenSet) => void)[] = []
  const refusals: ((error: Error) => void)[] = []
  const signals: AbortSignal[] = []
  const renewal: Renewal = {
    needsRefreshToken: true,
    proving: new Proving({ refresh }),
    send: vi.fn(({ signal }) => {
      signals.push(signal)
      return new Promise<TokenSet>((resolve, reject) => {
        answers.push(resolve)
        refusals.push(reject)
      })
    }),
  }
  const onLateAnswer = vi.fn((_call: Call, _tokens: TokenSet) => Promise.resolve())
  return {
    calls: new Calls(renewal, onLateAnswer),
    renewal,
    answers,
    refusals,
    signals,
    onLateAnswer,
  }
}

describe("calls of the user's function", () => {
  it('give the answer, and what it was made from', async () => {
    const { calls, answers } = setUp()
    const made = stock('s')
    const sent = calls.send(target, made, 100)
    answers[0]!(tokens('at-2'))
    await expect(sent).resolves.toEqual({ tokens: tokens('at-2'), stock: made })
  })

  it('give the error, and what they were made from', async () => {
    const { calls, refusals } = setUp()
    const made = stock('s')
    const sent = calls.send(target, made, 100)
    const error = new Error('no')
    refusals[0]!(error)
    await expect(sent).resolves.toEqual({ error, stock: made })
  })

  it('are never two at once: the next try waits for the one that outlived its time', async () => {
    const { calls, renewal, answers, signals, onLateAnswer } = setUp()
    const made = stock('s')
    const first = calls.send(target, made, 100)
    await vi.advanceTimersByTimeAsync(100)
    await expect(first).resolves.toMatchObject({ error: { outcome: 'unknown' }, stock: made })
    expect(signals[0]!.aborted).toBe(true)
    const second = calls.send(target, stock('s'), 100)
    answers[0]!(tokens('at-2'))
    await expect(second).resolves.toMatchObject({ tokens: { accessToken: 'at-2' } })
    expect(renewal.send).toHaveBeenCalledOnce()
    expect(onLateAnswer).not.toHaveBeenCalled()
  })

  it('that answer after everybody left have their answer kept', async () => {
    const { calls, answers, onLateAnswer } = setUp()
    const sent = calls.send(target, stock('s'), 100)
    await vi.advanceTimersByTimeAsync(100)
    await expect(sent).resolves.toHaveProperty('error')
    answers[0]!(tokens('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(onLateAnswer).toHaveBeenCalledOnce()
    expect(onLateAnswer.mock.calls[0]![1]).toEqual(tokens('late'))
  })

  it('that fail after everybody left trouble nobody', async () => {
    const { calls, refusals, onLateAnswer } = setUp()
    const sent = calls.send(target, stock('s'), 100)
    await vi.advanceTimersByTimeAsync(100)
    await expect(sent).resolves.toHaveProperty('error')
    refusals[0]!(new Error('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(onLateAnswer).not.toHaveBeenCalled()
  })

  it('of another session do not wait for the one before', async () => {
    const { calls, renewal, answers } = setUp()
    void calls.send(target, stock('s'), 100)
    const other = calls.send(target, stock('other'), 100)
    expect(renewal.send).toHaveBeenCalledTimes(2)
    answers[1]!(tokens('at-other'))
    await expect(other).resolves.toMatchObject({ tokens: { accessToken: 'at-other' } })
  })

  it('that have settled are not waited for again', async () => {
    const { calls, renewal, answers } = setUp()
    const first = calls.send(target, stock('s'), 100)
    answers[0]!(tokens('at-2'))
    await first
    void calls.send(target, stock('s'), 100)
    expect(renewal.send).toHaveBeenCalledTimes(2)
  })

  it('that are waited for again give what they were made from, which may be an earlier stock', async () => {
    const { calls, answers } = setUp()
    const made = stock('s')
    const first = calls.send(target, made, 100)
    await vi.advanceTimersByTimeAsync(100)
    await first
    const second = calls.send(target, stock('s'), 100)
    answers[0]!(tokens('at-2'))
    expect((await second).stock).toBe(made)
  })

  it('that outlive the next session of a user do not disturb its own', async () => {
    const { calls, renewal, answers } = setUp()
    void calls.send(target, stock('s'), 100)
    const other = calls.send(target, stock('other'), 100)
    answers[0]!(tokens('at-2'))
    await vi.advanceTimersByTimeAsync(0)
    const joined = calls.send(target, stock('other'), 100)
    answers[1]!(tokens('at-other'))
    expect(await joined).toEqual(await other)
    expect(renewal.send).toHaveBeenCalledTimes(2)
  })
})

describe('who asks inside a call', () => {
  it('is known, also once the call of the session before has ended', async () => {
    const { calls, renewal, answers } = setUp()
    void calls.send(target, stock('s'), 100)
    let isInside: boolean | undefined
    vi.mocked(renewal.send).mockImplementationOnce(async () => {
      await vi.advanceTimersByTimeAsync(10)
      isInside = calls.isInside()
      return tokens('at-other')
    })
    const other = calls.send(target, stock('other'), 100)
    answers[0]!(tokens('at-2'))
    await other
    expect(isInside).toBe(true)
    expect(calls.isInside()).toBe(false)
  })
})

describe('a late answer', () => {
  /** Two calls of two sessions that everybody has left. */
  async function abandoned() {
    const made = setUp()
    const landings: (() => void)[] = []
    made.onLateAnswer.mockImplementation(
      () => new Promise<void>((resolve) => void landings.push(resolve)),
    )
    const sent = [
      made.calls.send(target, stock('s'), 100),
      made.calls.send(target, stock('other'), 100),
    ]
    await vi.advanceTimersByTimeAsync(100)
    await Promise.all(sent)
    return { ...made, landings }
  }

  it('is landing until it is saved', async () => {
    const { calls, answers, landings } = await abandoned()
    const landed = vi.fn()
    expect(calls.isLanding).toBe(false)
    answers[0]!(tokens('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(calls.isLanding).toBe(true)
    void calls.landed().then(landed)
    await vi.advanceTimersByTimeAsync(0)
    expect(landed).not.toHaveBeenCalled()
    landings[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(landed).toHaveBeenCalledOnce()
    expect(calls.isLanding).toBe(false)
  })

  it('that is saved before another is, leaves that one landing', async () => {
    const { calls, answers, landings } = await abandoned()
    answers[0]!(tokens('late'))
    answers[1]!(tokens('later'))
    await vi.advanceTimersByTimeAsync(0)
    landings[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls.isLanding).toBe(true)
    landings[1]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(calls.isLanding).toBe(false)
  })
})
