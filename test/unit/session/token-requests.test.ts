import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TokenRequests, type TokenRequest } from '../../../src/session/token-requests.js'
import { DpopBinding } from '../../../src/dpop-binding.js'
import type { Renewal } from '../../../src/renewal.js'
import { storedSession } from '../../../src/stores/stored-session.js'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import type { TokenSet } from '../../../src/tokens/token-set.js'
import { AccessToken } from '../../../src/session/access-token.js'
import { timingOf } from '../../../src/timing.js'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

const tokens = (accessToken: string) => toTokenSet({ accessToken, refreshToken: 'rt' })
const base = (sessionId: string) => {
  const record = storedSession({ sessionId, version: 1, tokens: tokens('at-1') })
  return { record, unsaved: undefined, stored: record }
}

const refresh = () => Promise.reject(new Error('not called'))
const access = new AccessToken(timingOf({ refresh }))

/** A renewal whose requests the test responses. */
function setUp() {
  const responses: ((tokens: TokenSet) => void)[] = []
  const refusals: ((error: Error) => void)[] = []
  const signals: AbortSignal[] = []
  const renewal: Renewal = {
    needsRefreshToken: true,
    proving: new DpopBinding({ refresh }),
    send: vi.fn(({ signal }) => {
      signals.push(signal)
      return new Promise<TokenSet>((resolve, reject) => {
        responses.push(resolve)
        refusals.push(reject)
      })
    }),
  }
  const saveLate = vi.fn((_request: TokenRequest, _tokens: TokenSet) => Promise.resolve())
  return {
    requests: new TokenRequests(renewal, saveLate, () => Promise.resolve()),
    renewal,
    responses,
    refusals,
    signals,
    saveLate,
  }
}

describe("requests of the user's function", () => {
  it('give the tokens, and what it was made from', async () => {
    const { requests, responses } = setUp()
    const made = base('s')
    const sent = requests.send(access, made, 100)
    responses[0]!(tokens('at-2'))
    await expect(sent).resolves.toEqual({ tokens: tokens('at-2'), base: made })
  })

  it('give the error, and what they were made from', async () => {
    const { requests, refusals } = setUp()
    const made = base('s')
    const sent = requests.send(access, made, 100)
    const error = new Error('no')
    refusals[0]!(error)
    await expect(sent).resolves.toEqual({ error, base: made })
  })

  it('are never two at once: the next try waits for the one that outlived its time', async () => {
    const { requests, renewal, responses, signals, saveLate } = setUp()
    const made = base('s')
    const first = requests.send(access, made, 100)
    await vi.advanceTimersByTimeAsync(100)
    await expect(first).resolves.toMatchObject({ error: { outcome: 'unknown' }, base: made })
    expect(signals[0]!.aborted).toBe(true)
    const second = requests.send(access, base('s'), 100)
    responses[0]!(tokens('at-2'))
    await expect(second).resolves.toMatchObject({ tokens: { accessToken: 'at-2' } })
    expect(renewal.send).toHaveBeenCalledOnce()
    expect(saveLate).not.toHaveBeenCalled()
  })

  it('that are answered after everybody left have their response kept', async () => {
    const { requests, responses, saveLate } = setUp()
    const sent = requests.send(access, base('s'), 100)
    await vi.advanceTimersByTimeAsync(100)
    await expect(sent).resolves.toHaveProperty('error')
    responses[0]!(tokens('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(saveLate).toHaveBeenCalledOnce()
    expect(saveLate.mock.calls[0]![1]).toEqual(tokens('late'))
  })

  it('that fail after everybody left trouble nobody', async () => {
    const { requests, refusals, saveLate } = setUp()
    const sent = requests.send(access, base('s'), 100)
    await vi.advanceTimersByTimeAsync(100)
    await expect(sent).resolves.toHaveProperty('error')
    refusals[0]!(new Error('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(saveLate).not.toHaveBeenCalled()
  })

  it('of another session do not wait for the one before', async () => {
    const { requests, renewal, responses } = setUp()
    void requests.send(access, base('s'), 100)
    const other = requests.send(access, base('other'), 100)
    expect(renewal.send).toHaveBeenCalledTimes(2)
    responses[1]!(tokens('at-other'))
    await expect(other).resolves.toMatchObject({ tokens: { accessToken: 'at-other' } })
  })

  it('that have settled are not waited for again', async () => {
    const { requests, renewal, responses } = setUp()
    const first = requests.send(access, base('s'), 100)
    responses[0]!(tokens('at-2'))
    await first
    void requests.send(access, base('s'), 100)
    expect(renewal.send).toHaveBeenCalledTimes(2)
  })

  it('that are waited for again give what they were made from, which may be an earlier base', async () => {
    const { requests, responses } = setUp()
    const made = base('s')
    const first = requests.send(access, made, 100)
    await vi.advanceTimersByTimeAsync(100)
    await first
    const second = requests.send(access, base('s'), 100)
    responses[0]!(tokens('at-2'))
    expect((await second).base).toBe(made)
  })

  it('that outlive the next session of a user do not disturb its own', async () => {
    const { requests, renewal, responses } = setUp()
    void requests.send(access, base('s'), 100)
    const other = requests.send(access, base('other'), 100)
    responses[0]!(tokens('at-2'))
    await vi.advanceTimersByTimeAsync(0)
    const joined = requests.send(access, base('other'), 100)
    responses[1]!(tokens('at-other'))
    expect(await joined).toEqual(await other)
    expect(renewal.send).toHaveBeenCalledTimes(2)
  })
})

describe('who asks inside a request', () => {
  it('is known, also once the request of the session before has ended', async () => {
    const { requests, renewal, responses } = setUp()
    void requests.send(access, base('s'), 100)
    let isInside: boolean | undefined
    vi.mocked(renewal.send).mockImplementationOnce(async () => {
      await vi.advanceTimersByTimeAsync(10)
      isInside = requests.isInside()
      return tokens('at-other')
    })
    const other = requests.send(access, base('other'), 100)
    responses[0]!(tokens('at-2'))
    await other
    expect(isInside).toBe(true)
    expect(requests.isInside()).toBe(false)
  })
})

describe('a late response', () => {
  /** Two requests of two sessions that everybody has left. */
  async function abandoned() {
    const made = setUp()
    const saves: (() => void)[] = []
    made.saveLate.mockImplementation(() => new Promise<void>((resolve) => void saves.push(resolve)))
    const sent = [
      made.requests.send(access, base('s'), 100),
      made.requests.send(access, base('other'), 100),
    ]
    await vi.advanceTimersByTimeAsync(100)
    await Promise.all(sent)
    return { ...made, saves }
  }

  it('is being saved until it is saved', async () => {
    const { requests, responses, saves } = await abandoned()
    const saved = vi.fn()
    expect(requests.isSaving).toBe(false)
    responses[0]!(tokens('late'))
    await vi.advanceTimersByTimeAsync(0)
    expect(requests.isSaving).toBe(true)
    void requests.whenSavesEnded().then(saved)
    await vi.advanceTimersByTimeAsync(0)
    expect(saved).not.toHaveBeenCalled()
    saves[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(saved).toHaveBeenCalledOnce()
    expect(requests.isSaving).toBe(false)
  })

  it('that is saved before another is, leaves that one being saved', async () => {
    const { requests, responses, saves } = await abandoned()
    responses[0]!(tokens('late'))
    responses[1]!(tokens('later'))
    await vi.advanceTimersByTimeAsync(0)
    saves[0]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(requests.isSaving).toBe(true)
    saves[1]!()
    await vi.advanceTimersByTimeAsync(0)
    expect(requests.isSaving).toBe(false)
  })
})

describe('a save', () => {
  it('holds up whoever would send the next request, whatever becomes of it', async () => {
    const { requests } = setUp()
    let fail!: (error: Error) => void
    const save = requests.duringSave(new Promise((_resolve, reject) => (fail = reject)))
    const saved = vi.fn()
    void requests.whenSavesEnded().then(saved)
    await vi.advanceTimersByTimeAsync(0)
    expect([requests.isSaving, saved.mock.calls.length]).toEqual([true, 0])
    fail(new Error('disk full'))
    await expect(save).rejects.toThrow('disk full')
    await vi.advanceTimersByTimeAsync(0)
    expect([requests.isSaving, saved.mock.calls.length]).toEqual([false, 1])
  })
})

describe('a request for another access token of the session', () => {
  const other = new AccessToken(timingOf({ refresh }), { scope: 'calendar' })

  it('that outlived its time is waited for: two would spend one refresh token', async () => {
    const { requests, responses } = setUp()
    const first = requests.send(access, base('s'), 100)
    await vi.advanceTimersByTimeAsync(100)
    await first
    const waited = requests.waitForOther(other, 1_000)
    const settled = vi.fn()
    void waited.then(settled)
    await vi.advanceTimersByTimeAsync(500)
    expect(settled).not.toHaveBeenCalled()
    responses[0]!(tokens('late'))
    expect(await waited).toBe(true)
  })

  it('is waited for no longer than there is time', async () => {
    const { requests } = setUp()
    void requests.send(access, base('s'), 100)
    const waited = expect(requests.waitForOther(other, 1_000)).rejects.toMatchObject({ outcome: 'unknown' }) // prettier-ignore
    await vi.advanceTimersByTimeAsync(1_000)
    await waited
  })

  it('is not waited for where there is none, or it is one’s own', async () => {
    const { requests } = setUp()
    expect(await requests.waitForOther(other, 1_000)).toBe(false)
    void requests.send(access, base('s'), 100)
    expect(await requests.waitForOther(access, 1_000)).toBe(false)
  })
})
