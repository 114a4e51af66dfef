import { EventSource } from 'eventsource'
import { describe, expect, it, onTestFinished } from 'vitest'
import { serve, unauthorized } from '../unit/http/support/server.js'
import { clientWorld } from './support/world.js'

describe('eventsource, with our fetch', () => {
  it('connects, and connects again, with the token of that moment', async () => {
    const api = await serve(({ authorization }, response, count) => {
      if (authorization !== 'Bearer T2') return unauthorized(response)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`retry: 1\ndata: ${count}\n\n`)
    })
    const { apiFetch, seen, refreshes } = await clientWorld({ api })
    const events = new EventSource(`${api.origin}/events`, { fetch: apiFetch })
    onTestFinished(() => events.close())
    const got: string[] = []
    await new Promise<void>((resolve) => {
      events.onmessage = ({ data }) => {
        got.push(data as string)
        if (got.length === 2) resolve()
      }
    })
    expect(got).toEqual(['2', '3'])
    expect(seen().slice(0, 3)).toEqual(['T1', 'T2', 'T2'])
    expect(refreshes()).toBe(1)
  })
})
