import { memoryStore, TokenManager, type TokenManagerOptions } from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A manager whose token is in its refresh window, 30 s before its end. */
async function dueManager(background: TokenManagerOptions['background']) {
  const refresh = vi.fn(async () => ({ accessToken: 'T2', refreshToken: 'R2', expiresIn: 300 }))
  const initialTokens = { accessToken: 'T1', refreshToken: 'R1', expiresIn: 300 }
  const tokens = new TokenManager({ refresh, initialTokens, background })
  await vi.advanceTimersByTimeAsync(270_000)
  return { tokens, refresh }
}

describe('with `background: false`', () => {
  it('nothing is begun behind a call: the due token is used until it expires', async () => {
    const { tokens, refresh } = await dueManager(false)
    expect(await tokens.getAccessToken()).toBe('T1')
    expect(tokens.peek()).toBe('T1')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(refresh).not.toHaveBeenCalled()
  })

  it('the next call after the expiry waits for the refresh', async () => {
    const { tokens, refresh } = await dueManager(false)
    await vi.advanceTimersByTimeAsync(40_000)
    expect(await tokens.getAccessToken()).toBe('T2')
    expect(refresh).toHaveBeenCalledTimes(1)
  })
})

it('with `background: false`, the store is read again all the same: nothing is spent', async () => {
  const store = memoryStore()
  const options = { store, refresh: vi.fn(), background: false, recheckMs: 5_000 } as const
  const tokens = new TokenManager(options)
  const elsewhere = new TokenManager(options)
  await tokens.setTokens({ accessToken: 'T1', refreshToken: 'R1', expiresIn: 3600 })
  expect(await tokens.getAccessToken()).toBe('T1')
  await elsewhere.signOut()
  await vi.advanceTimersByTimeAsync(5_000)

  expect(await tokens.getAccessToken()).toBe('T1') // and the store is read
  await vi.advanceTimersByTimeAsync(0)
  await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
})

describe('with a function as `background`', () => {
  it('it is given the work, which is done when the tokens are saved', async () => {
    const works: Promise<unknown>[] = []
    const { tokens, refresh } = await dueManager((work) => works.push(work))
    expect(await tokens.getAccessToken()).toBe('T1')
    expect(works.length).toBeGreaterThan(0)
    await Promise.all(works)
    expect(refresh).toHaveBeenCalledTimes(1)
    expect(tokens.peek()).toBe('T2')
  })

  it('what it throws is ignored', async () => {
    const { tokens } = await dueManager(() => {
      throw new Error('no request is under way')
    })
    expect(await tokens.getAccessToken()).toBe('T1')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(tokens.peek()).toBe('T2')
  })
})

it('without it, a due token is renewed behind the call', async () => {
  const { tokens, refresh } = await dueManager(undefined)
  expect(await tokens.getAccessToken()).toBe('T1')
  await vi.advanceTimersByTimeAsync(0)
  expect(refresh).toHaveBeenCalledTimes(1)
})
