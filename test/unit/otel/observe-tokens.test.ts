import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { metrics, trace } from '@opentelemetry/api'
import { describe, expect, it, vi } from 'vitest'
import { observeTokens } from 'tokenward/otel'
import { apiThatRefuses, listen, listenToRefreshes } from '../diagnostics/support.js'
import { observed, useContext } from './support.js'
import { createIssuer, refuses, signedIn } from '../../support/session/issuer.js'
import { ScriptedStore, before } from '../../support/session/scripted-store.js'
import { fakeTime, settle } from '../../support/session/time.js'

fakeTime()
useContext()

const MANIFEST = new URL('../../../package.json', import.meta.url)
const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string }

/** Everything that can be told: sessions, refusals, failures of all kinds. */
async function liveThroughAll(): Promise<string[]> {
  const issuer = createIssuer()
  const store = new ScriptedStore()
  const manager = signedIn(issuer, { store })
  const api = apiThatRefuses(/./, manager)
  const names = new Set<string>()
  const attempt = async (act: () => Promise<unknown>) => {
    await act().catch(() => undefined)
    await settle()
    if (manager.sessionId) names.add(manager.sessionId)
  }
  await attempt(() => manager.getAccessToken())
  await attempt(() => api.get('/me'))
  await attempt(() => manager.for({ resource: 'https://b.example.com' }).getAccessToken())
  store.always(
    'save',
    before(() => Promise.reject(new Error('could not write "access_token":"at-3"'))),
  )
  await attempt(() => manager.refresh())
  store.always('save')
  await attempt(() => manager.setTokens(issuer.issue()))
  issuer.next(refuses(400, 'invalid_grant'))
  await attempt(() => manager.refresh())
  await attempt(() => manager.setTokens(issuer.issue()))
  await attempt(() => manager.signOut())
  return [...names]
}

describe('what is exported', () => {
  it('holds no token, and no name of a session', async () => {
    const { spans, collect } = observed({ withResource: true })
    const names = await liveThroughAll()
    const told = spans().map((span) => ({ ...span, context: span.spanContext() }))
    const metrics = await collect()
    expect(names.length).toBeGreaterThan(1)
    expect(told.length).toBeGreaterThan(3)
    expect(metrics.map(({ descriptor }) => descriptor.name).sort()).toEqual([
      'tokenward.refresh.duration',
      'tokenward.rejections',
      'tokenward.session.events',
      'tokenward.token.time_to_expiry',
      'tokenward.token.uses',
      'tokenward.wait.duration',
    ])
    const exported = inspect({ told, metrics }, { depth: 30 }) + JSON.stringify(metrics)
    expect(exported).not.toMatch(/[ar]t-\d/)
    expect(names.filter((name) => exported.includes(name))).toEqual([])
  })
})

describe('observing', () => {
  it('ends with its undo, which is harmless twice', async () => {
    const { spans, collect, stop } = observed()
    stop()
    stop()
    await liveThroughAll()
    expect(spans()).toEqual([])
    expect((await collect()).flatMap(({ dataPoints }) => dataPoints as unknown[])).toEqual([])
  })

  it('ends with the block, by `using`', async () => {
    const waits = listen('tokenward:wait')
    let told = 0
    const tell = { record: () => told++, add: () => told++ }
    const meter = { createHistogram: () => tell, createCounter: () => tell } as never
    {
      using observing = observeTokens({ meter })
      expect(observing).toBeTypeOf('function')
      await signedIn(createIssuer()).refresh()
      expect(told).toBeGreaterThan(0)
    }
    told = 0
    await signedIn(createIssuer()).refresh()
    expect(told).toBe(0)
    expect(waits).toHaveLength(2)
  })

  it('with the global meter and tracer, of nobody, does nothing', async () => {
    const moments = listenToRefreshes()
    const stop = observeTokens()
    expect(await signedIn(createIssuer()).refresh()).toBe('at-2')
    stop()
    expect(moments.map(({ moment }) => moment)).toContain('asyncEnd')
  })

  it.each([
    ['meter', { meter: {} }, 'an object'],
    ['tracer', { tracer: 7 }, '7'],
  ])('refuses a %s that is none', (name, options, given) => {
    expect(() => observeTokens(options as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_TOKEN_OPTIONS',
        message: `observeTokens: \`${name}\` must be an OpenTelemetry ${name}, got ${given}`,
      }),
    )
  })
})

describe('the scope of what is told', () => {
  it('is the package and its version', () => {
    const getTracer = vi.spyOn(trace, 'getTracer')
    const getMeter = vi.spyOn(metrics, 'getMeter')
    observeTokens()()
    expect(getTracer).toHaveBeenCalledWith('tokenward', manifest.version)
    expect(getMeter).toHaveBeenCalledWith('tokenward', manifest.version)
  })
})
