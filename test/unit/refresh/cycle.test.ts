import {
  TokenManager,
  toTokenSet,
  type Lease,
  type LeaseWait,
  type RefreshContext,
  type StoredSession,
  type TokenInput,
  type TokenManagerOptions,
  type TokenStore,
} from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { delay } from '../../../src/clock.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('who waits for the lease while another refreshes', () => {
  it('adopts what the other has brought, without the lease', async () => {
    const { manager, refresh, store } = scene()
    await manager.getTokens()
    store.leases.push(() => store.put('at-2'))
    expect(await manager.refresh({ rejected: 'at-1' })).toBe('at-2')
    expect(refresh).not.toHaveBeenCalled()
  })

  it('takes one that is due already, rather than to keep callers waiting', async () => {
    const { manager, refresh, store } = scene()
    await manager.getTokens()
    store.leases.push(() => store.put('at-2', 60_000))
    expect(await manager.refresh({ rejected: 'at-1' })).toBe('at-2')
    expect(refresh).not.toHaveBeenCalled()
  })

  it('spends nothing without the lease: it waits again', async () => {
    const { manager, refresh, store } = scene()
    await manager.getTokens()
    store.leases.push(() => undefined)
    expect(await manager.refresh({ rejected: 'at-1' })).toBe('at-9')
    expect(refresh).toHaveBeenCalledOnce()
    expect(store.waits).toEqual([
      expect.objectContaining({ orWhenChanged: true }),
      expect.objectContaining({ orWhenChanged: true }),
    ])
  })

  it('has its whole time for the request, however long it waited since', async () => {
    const { manager, refresh, store } = scene()
    await manager.getTokens()
    store.leases.push(() => undefined)
    store.waitMs = 29_000
    refresh.mockImplementation(async () => {
      await delay(9_000)
      return { access_token: 'at-9', expires_in: 3600 }
    })
    void manager.refresh().catch(() => undefined) // its caller goes before
    await vi.advanceTimersByTimeAsync(40_000)
    expect(refresh).toHaveBeenCalledOnce()
    expect(store.stored?.tokens?.accessToken).toBe('at-9')
    expect(refresh.mock.calls[0]![0].signal.aborted).toBe(false)
  })

  it('does not wait for ever', async () => {
    const { manager, refresh, store } = scene()
    await manager.getTokens()
    store.leases.push(...Array<() => void>(8).fill(() => undefined))
    await expect(manager.refresh()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(refresh).not.toHaveBeenCalled()
  })
})

describe('a store that takes nearly all the time that a refresh has', () => {
  it('leaves the refresh token unspent, rather than spent by who hangs up at once', async () => {
    const { manager, refresh, store } = scene({ refreshTimeoutMs: 1_000 })
    await manager.getTokens()
    store.slownessMs = 2_480
    const call = manager.refresh().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await call).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', outcome: 'not-sent' })
    expect(refresh).not.toHaveBeenCalled()
  })

  it('leaves no second try, and the first one’s error', async () => {
    const { manager, refresh, store } = scene({ refreshTimeoutMs: 1_000 })
    await manager.getTokens()
    store.slownessMs = 830
    refresh.mockRejectedValue(Object.assign(new Error('no'), { status: 503 }))
    const call = manager.refresh().catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await call).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', status: 503 })
    expect(refresh).toHaveBeenCalledOnce()
  })
})

/** A store whose next leases are another's; what befalls then is the test's. */
class ContestedStore implements TokenStore {
  stored: StoredSession | undefined
  readonly leases: (() => void)[] = []
  readonly waits: LeaseWait[] = []
  /** How long a lease of one's own takes, and each load and save. */
  waitMs = 0
  slownessMs = 0

  put(accessToken: string, validMs = 3_600_000): void {
    const expiresAt = Date.now() + validMs
    const issuedAt = expiresAt - 3_600_000
    const tokens = { accessToken, refreshToken: 'rt', expiresAt, issuedAt }
    const version = (this.stored?.version ?? 0) + 1
    this.stored = { sessionId: 'session', version, tokens: toTokenSet(tokens) }
  }

  async load(): Promise<StoredSession | undefined> {
    if (this.slownessMs > 0) await delay(this.slownessMs)
    return this.stored
  }

  async save(session: StoredSession, condition: { ifVersion: number | undefined }) {
    if (this.slownessMs > 0) await delay(this.slownessMs)
    if (this.stored?.version !== condition.ifVersion) return false
    this.stored = session
    return true
  }

  async exclusive<T>(task: (lease: Lease) => Promise<T>, wait: LeaseWait = {}): Promise<T> {
    this.waits.push(wait)
    const lost = this.leases.shift()
    lost?.()
    if (!lost && this.waitMs > 0) await delay(this.waitMs)
    return task({ isHeld: () => lost === undefined })
  }
}

function scene(options: Partial<TokenManagerOptions> = {}) {
  const store = new ContestedStore()
  store.put('at-1')
  const refresh = vi.fn(async (_context: RefreshContext): Promise<TokenInput> => {
    return { access_token: 'at-9', expires_in: 3600 }
  })
  const all = { refresh, store, ...options } as TokenManagerOptions
  return { store, refresh, manager: new TokenManager(all) }
}
