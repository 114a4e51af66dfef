import { SpanStatusCode, trace } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { observed, useContext } from './support.js'
import { LIFETIME_MS, createIssuer, refuses, signedIn } from '../../support/session/issuer.js'
import { fakeTime, pass, settle } from '../../support/session/time.js'

fakeTime()
useContext()

describe('a refresh', () => {
  it('is a span, with why it was made and what became of it', async () => {
    const { spans } = observed()
    await signedIn(createIssuer()).refresh()
    expect(spans()).toHaveLength(1)
    expect(spans()[0]).toMatchObject({
      name: 'tokenward.refresh',
      attributes: {
        'tokenward.refresh.reason': 'forced',
        'tokenward.refresh.outcome': 'refreshed',
      },
      status: { code: SpanStatusCode.UNSET },
    })
  })

  it('that fails is a span with an error, and the server’s status', async () => {
    const { spans } = observed()
    const issuer = createIssuer()
    issuer.always = refuses(400, 'invalid_client')
    await signedIn(issuer)
      .refresh()
      .catch(() => undefined)
    expect(spans()[0]).toMatchObject({
      attributes: {
        'tokenward.refresh.reason': 'forced',
        'tokenward.refresh.outcome': 'failed',
        'error.type': 'ERR_REFRESH_REJECTED',
        'http.response.status_code': 400,
      },
      status: { code: SpanStatusCode.ERROR },
    })
  })

  it('that is waited for belongs to the trace of the caller who began it', async () => {
    const { spans, within } = observed()
    const manager = signedIn(createIssuer())
    await pass(LIFETIME_MS)
    const calls = ['first', 'second'].map((name) => within(name, () => manager.getAccessToken()))
    await Promise.all(calls)
    const first = spans().find(({ name }) => name === 'first')
    const refreshes = spans().filter(({ name }) => name === 'tokenward.refresh')
    expect(refreshes).toHaveLength(1)
    expect(refreshes[0]?.parentSpanContext?.spanId).toBe(first?.spanContext().spanId)
    expect(refreshes[0]?.links).toEqual([])
  })

  it('in the background is a trace of its own, with a link to the use that found it due', async () => {
    const { spans, within } = observed()
    const manager = signedIn(createIssuer())
    await pass(LIFETIME_MS * 0.9)
    within('request', () => manager.peek())
    await settle()
    const request = spans().find(({ name }) => name === 'request')
    const refresh = spans().find(({ name }) => name === 'tokenward.refresh')
    expect(refresh?.parentSpanContext).toBeUndefined()
    expect(refresh?.spanContext().traceId).not.toBe(request?.spanContext().traceId)
    expect(refresh?.links.map(({ context }) => context.spanId)).toEqual([
      request?.spanContext().spanId,
    ])
  })

  it('by the timer has nothing to do with the request that the timer comes from', async () => {
    const { spans, within } = observed()
    const manager = signedIn(createIssuer(), { keepFresh: true })
    // A fake timer fires in the context of whoever lets the time pass.
    await within('request', () => pass(LIFETIME_MS))
    const refresh = spans().find(({ name }) => name === 'tokenward.refresh')
    expect(refresh?.attributes['tokenward.refresh.reason']).toBe('timer')
    expect(refresh?.parentSpanContext).toBeUndefined()
    expect(refresh?.links).toEqual([])
    await manager.close()
  })

  it.each(['refresh', 'due', 'timer'] as const)('holds what it sends: %s', async (reason) => {
    const { spans, tracer } = observed()
    const issuer = createIssuer()
    issuer.always = async () => {
      await Promise.resolve()
      tracer.startSpan('POST /token').end()
      return issuer.issue()
    }
    const manager = signedIn(issuer, { keepFresh: reason === 'timer' })
    if (reason === 'refresh') await manager.refresh()
    else await pass(LIFETIME_MS * 0.9)
    manager.peek()
    await settle()
    const refresh = spans().find(({ name }) => name === 'tokenward.refresh')
    const request = spans().find(({ name }) => name === 'POST /token')
    expect(request?.parentSpanContext?.spanId).toBe(refresh?.spanContext().spanId)
    expect(trace.getActiveSpan()).toBeUndefined()
    await manager.close()
  })

  it('names its resource only if that is asked for', async () => {
    const names = async (withResource: boolean) => {
      const { spans, stop } = observed({ withResource })
      const manager = signedIn(createIssuer())
      const resource = ['https://a.example.com', 'https://b.example.com']
      await manager.for({ resource }).getAccessToken()
      stop()
      return spans()[0]?.attributes['tokenward.resource']
    }
    expect(await names(false)).toBeUndefined()
    expect(await names(true)).toBe('https://a.example.com https://b.example.com')
  })

  it('that began before anybody looked is no span', async () => {
    const issuer = createIssuer()
    let answer!: () => void
    issuer.next(() => new Promise((resolve) => (answer = () => resolve(issuer.issue()))))
    // Somebody else listens already, so that its end will be told.
    const { spans: others } = observed()
    const refresh = signedIn(issuer).refresh()
    await settle()
    const { spans } = observed()
    answer()
    await refresh
    expect(others()).toHaveLength(1)
    expect(spans()).toEqual([])
  })
})
