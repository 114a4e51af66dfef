import diagnosticsChannel from 'node:diagnostics_channel'
import { describe, expect, it, vi } from 'vitest'
import { heard, heardRefresh } from '../../../src/diagnostics/channels.js'
import { apiThatRefuses, coreWith, listen, listenToRefreshes } from './support.js'
import { createIssuer, refusesConnection, signedIn } from '../../support/session/issuer.js'

/** A module whose channels nobody listens to, and that tells how often it was asked. */
function unheard() {
  const looks = vi.fn(() => false)
  const publish = vi.fn()
  const tracePromise = vi.fn()
  const channel = () => ({
    get hasSubscribers() {
      return looks()
    },
    publish,
  })
  const tracingChannel = () => ({
    start: channel(),
    end: channel(),
    asyncStart: channel(),
    asyncEnd: channel(),
    error: channel(),
    tracePromise,
  })
  return { module: { channel, tracingChannel }, looks, publish, tracePromise }
}

describe('a channel', () => {
  it('is heard while somebody listens, by name, whoever made it', () => {
    expect(heard('session')).toBeUndefined()
    const listener = () => undefined
    diagnosticsChannel.subscribe('tokenward:session', listener)
    expect(heard('session')).toBe(diagnosticsChannel.channel('tokenward:session'))
    diagnosticsChannel.unsubscribe('tokenward:session', listener)
    expect(heard('session')).toBeUndefined()
  })

  it.each(['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const)(
    'of refreshes is heard by who listens to %s alone, also without a hasSubscribers of its own',
    async (moment) => {
      // oven-sh/bun#27805
      const channel = { hasSubscribers: false }
      const tracing = { start: channel, end: channel, asyncStart: channel, asyncEnd: channel }
      const module = {
        channel: () => channel,
        tracingChannel: () => ({ ...tracing, error: channel, [moment]: { hasSubscribers: true } }),
      }
      expect(heardRefresh()).toBeUndefined()
      expect((await coreWith(module)).channels.heardRefresh()).toBeDefined()
    },
  )
})

describe('a runtime without such channels', () => {
  it.each([
    ['no module', undefined],
    ['no tracing channels', { channel: () => expect.fail('no channel is wanted') }],
  ])('renews all the same: %s', async (_, module) => {
    const { core, channels } = await coreWith(module)
    expect(channels.channels()).toBeNull()
    const issuer = createIssuer()
    const options = { refresh: issuer.refresh, initialTokens: issuer.issue() }
    const manager = new core.TokenManager(options)
    expect(await manager.refresh()).toBe('at-2')
    await manager.signOut()
  })

  it('renews without getBuiltinModule too', async () => {
    vi.stubGlobal('process', { ...process, getBuiltinModule: undefined })
    vi.resetModules()
    const { TokenManager } = await import('tokenward')
    const issuer = createIssuer()
    const manager = new TokenManager({ refresh: issuer.refresh, initialTokens: issuer.issue() })
    expect(await manager.refresh()).toBe('at-2')
    vi.unstubAllGlobals()
    vi.resetModules()
  })
})

describe('where nobody listens', () => {
  it('nothing is published, whatever happens', async () => {
    const { module, looks, publish, tracePromise } = unheard()
    const { core, attachTokens } = await coreWith(module)
    const issuer = createIssuer()
    const initialTokens = issuer.issue()
    const manager = new core.TokenManager({ refresh: issuer.refresh, initialTokens })
    await apiThatRefuses(/at-1/, manager, attachTokens).get('/me')
    issuer.next(refusesConnection, refusesConnection, refusesConnection)
    await manager.refresh().catch(() => undefined)
    await manager.setTokens(issuer.issue())
    await manager.signOut()
    await manager.getAccessToken().catch(() => undefined)
    expect(looks).toHaveBeenCalled()
    expect(publish).not.toHaveBeenCalled()
    expect(tracePromise).not.toHaveBeenCalled()
  })

  it('a fresh token costs not even a look', async () => {
    const { module, looks } = unheard()
    const { core } = await coreWith(module)
    const issuer = createIssuer()
    const initialTokens = issuer.issue()
    const manager = new core.TokenManager({ refresh: issuer.refresh, initialTokens })
    looks.mockClear()
    expect(manager.peek()).toBe('at-1')
    expect(await manager.getAccessToken()).toBe('at-1')
    expect(looks).not.toHaveBeenCalled()
  })
})

describe('where everybody listens', () => {
  it('a fresh token is given by the same promise, and tells nothing', async () => {
    const told = [listen('tokenward:wait'), listen('tokenward:use'), listenToRefreshes()]
    const manager = signedIn(createIssuer())
    expect(manager.getAccessToken()).toBe(manager.getAccessToken())
    expect(await manager.getAccessToken()).toBe('at-1')
    expect(told).toEqual([[], [], []])
  })
})
