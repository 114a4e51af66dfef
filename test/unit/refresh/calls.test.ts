import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Calls } from '../../../src/refresh/calls.js'
import type { Renewal } from '../../../src/renewal.js'
import { storedSession } from '../../../src/stores/stored-session.js'
import { toTokenSet, type TokenSet } from '../../../src/tokens/token-set.js'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const tokens = (accessToken: string) => toTokenSet({ accessToken, refreshToken: 'rt' })
const stock = (sessionId: string) => {
  const record = storedSession({ sessionId, version: 1, tokens: tokens('at-1') })
  return { record, stored: record }
}

/** A renewal whose calls the test answers. */
function setUp() {
  const answers: ((tokens: TokenSet) => void)[] = []
  const refusals: ((error: Error) => void)[] = []
  const signals: AbortSignal[] = []
  const renewal: Renewal = {
    needsRefreshToken: true,
    send: vi.fn((_tokens, signal) => {
      signals.push(signal)
      return new Promise<TokenSet>((resolve, reject) => {
        answers.push(resolve)
        refusals.push(reject)
      })
    }),
  }
  const onLateAnswer = vi.fn()
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
    const sent = calls.send(made, 100)
    answers[0]!(tokens('at-2'))
    await expect(sent).resolves.toEqual({ tokens: tokens('at-2'), stock: made })
  })

  it('are never two at once: the next try waits for the one that outlived its time', async () => {
    const { calls, renewal, answers, signals, onLateAnswer } = setUp()
    const first = expect(calls.send(stock('s'), 100)).rejects.toMatchObject({ outcome: 'unknown' })
    await vi.advanceTimersByTimeAsync(100)
    await first
    expect(signals[0]!.aborted).toBe(true)
    const second = calls.send(stock('s'), 100)
    answers[0]!(tokens('at-2'))
    await expect(second).resolves.toMatchObject({ tokens: { accessToken: 'at-2' } })
    expect(renewal.send).toHaveBeenCalledOnce()
    expect(onLateAnswer).not.toHaveBeenCalled()
  })

  it('that answer after everybody left have their answer kept', async () => {
    const { calls, answers, onLateAnswer } = setUp()
    const sent = expect(calls.send(stock('s'), 100)).rejects.toThrow()
    await vi.advanceTimersByTimeAsync(100)
    await sent
    answers[0]!(tokens('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(onLateAnswer).toHaveBeenCalledOnce()
    expect(onLateAnswer.mock.calls[0]![1]).toEqual(tokens('late'))
  })

  it('that fail after everybody left trouble nobody', async () => {
    const { calls, refusals, onLateAnswer } = setUp()
    const sent = expect(calls.send(stock('s'), 100)).rejects.toThrow()
    await vi.advanceTimersByTimeAsync(100)
    await sent
    refusals[0]!(new Error('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(onLateAnswer).not.toHaveBeenCalled()
  })

  it('of another session do not wait for the one before', async () => {
    const { calls, renewal, answers } = setUp()
    void calls.send(stock('s'), 100).catch(() => undefined)
    const other = calls.send(stock('other'), 100)
    expect(renewal.send).toHaveBeenCalledTimes(2)
    answers[1]!(tokens('at-other'))
    await expect(other).resolves.toMatchObject({ tokens: { accessToken: 'at-other' } })
  })

  it('that have settled are not waited for again', async () => {
    const { calls, renewal, answers } = setUp()
    const first = calls.send(stock('s'), 100)
    answers[0]!(tokens('at-2'))
    await first
    void calls.send(stock('s'), 100).catch(() => undefined)
    expect(renewal.send).toHaveBeenCalledTimes(2)
  })
})
