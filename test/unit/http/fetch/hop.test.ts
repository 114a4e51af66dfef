import { describe, expect, it, vi } from 'vitest'
import { createFetch } from 'tokenward/fetch'
import { FakeSource } from '../support/sources.js'

const API = 'https://api.example.com'

/** A `Request` of some platform, that tells what becomes of its copies. */
class OwnRequest {
  static all: OwnRequest[] = []
  readonly url = `${API}/upload`
  readonly method = 'POST'
  readonly headers = new Headers()
  readonly bodyUsed = false
  readonly body = { locked: false, cancel: vi.fn(() => Promise.reject(new Error('too late'))) }
  constructor() {
    OwnRequest.all.push(this)
  }
  clone() {
    return new OwnRequest()
  }
}

describe('the copy of a Request that is kept for a replay', () => {
  const sendWith = async (...statuses: number[]) => {
    OwnRequest.all = []
    const request = new OwnRequest()
    const own = vi.fn(async () => {
      const status = statuses.shift()!
      if (status === 0) throw new Error('down')
      return new Response(null, { status })
    })
    const send = createFetch(new FakeSource('T1', 'T2'), { origins: [API], fetch: own })
    const end = await send(request as never).catch((error: unknown) => error)
    const sent = own.mock.calls.map((args: unknown[]) => OwnRequest.all.indexOf(args[0] as never))
    const cancelled = OwnRequest.all.map(({ body }) => body.cancel.mock.calls.length)
    return { end, sent, cancelled }
  }

  it('is let go of once it is not needed', async () => {
    expect(await sendWith(200)).toMatchObject({ sent: [0], cancelled: [0, 1] })
  })

  it('is what is sent again, and another is kept', async () => {
    expect(await sendWith(401, 200)).toMatchObject({ sent: [0, 1], cancelled: [0, 0, 1] })
  })

  it('is let go of after a failure, too', async () => {
    expect(await sendWith(0)).toMatchObject({ sent: [0], cancelled: [0, 1] })
  })
})
