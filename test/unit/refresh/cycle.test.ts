import {
  TokenManager,
  toTokenSet,
  type Lease,
  type LeaseWait,
  type StoredSession,
  type TokenStore,
} from 'tokenward'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

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

  it('spends nothing without the lease: it waits again, for nothing but the lease', async () => {
    const { manager, refresh, store } = scene()
    await manager.getTokens()
    store.leases.push(() => undefined)
    expect(await manager.refresh({ rejected: 'at-1' })).toBe('at-9')
    expect(refresh).toHaveBeenCalledOnce()
    expect(store.waits.map(({ orWhenChanged }) => orWhenChanged)).toEqual([true, false])
  })

  it('still bears that the lease is lost twice after that, and no more', async () => {
    const lose = () => undefined
    const { manager, refresh, store } = scene()
    await manager.getTokens()
    store.leases.push(lose, lose, lose)
    expect(await manager.refresh({ rejected: 'at-1' })).toBe('at-9')
    expect(refresh).toHaveBeenCalledOnce()
    store.leases.push(lose, lose, lose, lose)
    await expect(manager.refresh()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(refresh).toHaveBeenCalledOnce()
  })
})

/** A store whose next leases are another's; what befalls then is the test's. */
class ContestedStore implements TokenStore {
  stored: StoredSession | undefined
  readonly leases: (() => void)[] = []
  readonly waits: LeaseWait[] = []

  put(accessToken: string): void {
    const tokens = { accessToken, refreshToken: 'rt', expiresAt: Date.now() + 3_600_000 }
    const version = (this.stored?.version ?? 0) + 1
    this.stored = { sessionId: 'session', version, tokens: toTokenSet(tokens) }
  }

  async load(): Promise<StoredSession | undefined> {
    return this.stored
  }

  async save(session: StoredSession, condition: { ifVersion: number | undefined }) {
    if (this.stored?.version !== condition.ifVersion) return false
    this.stored = session
    return true
  }

  exclusive<T>(task: (lease: Lease) => Promise<T>, wait: LeaseWait = {}): Promise<T> {
    this.waits.push(wait)
    const lost = this.leases.shift()
    lost?.()
    return task({ isHeld: () => lost === undefined })
  }
}

function scene() {
  const store = new ContestedStore()
  store.put('at-1')
  const refresh = vi.fn(async () => ({ access_token: 'at-9', expires_in: 3600 }))
  return { store, refresh, manager: new TokenManager({ refresh, store }) }
}
