import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { outcomeOfFailure } from '../../../src/http/network-failure.js'

const coded = (code: string, more: object = {}) =>
  Object.assign(new Error('failed'), { code, ...more })
const fetchFailed = (cause: unknown) => new TypeError('fetch failed', { cause })

describe('a connection that was never made', () => {
  it.each([
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'UND_ERR_CONNECT_TIMEOUT',
    'CERT_HAS_EXPIRED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ConnectionRefused',
  ])('was not sent: %s, thrown bare or as the cause of a fetch failure', (code) => {
    expect(outcomeOfFailure(coded(code))).toBe('not-sent')
    expect(outcomeOfFailure(fetchFailed(coded(code)))).toBe('not-sent')
    expect(outcomeOfFailure(fetchFailed(fetchFailed(coded(code))))).toBe('not-sent')
  })

  it('was not sent where every address of a host refused', () => {
    const all = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')])
    expect(outcomeOfFailure(fetchFailed(all))).toBe('not-sent')
    expect(outcomeOfFailure(Object.assign(all, { code: 'ECONNREFUSED' }))).toBe('not-sent')
  })

  it('was not sent where connecting timed out in the kernel', () => {
    expect(outcomeOfFailure(fetchFailed(coded('ETIMEDOUT', { syscall: 'connect' })))).toBe(
      'not-sent',
    )
  })

  it('was not sent where a real fetch finds nobody listening', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const failure = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error)
    expect(outcomeOfFailure(failure)).toBe('not-sent')
  })
})

describe('a failure after the connection was made', () => {
  it.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'ECONNABORTED'])(
    'may have been processed: %s',
    (code) => {
      expect(outcomeOfFailure(coded(code))).toBe('unknown')
      expect(outcomeOfFailure(fetchFailed(coded(code)))).toBe('unknown')
    },
  )

  it('may have been processed where reading timed out', () => {
    expect(outcomeOfFailure(coded('ETIMEDOUT', { syscall: 'read' }))).toBe('unknown')
    expect(outcomeOfFailure(coded('ETIMEDOUT'))).toBe('unknown')
  })

  it('may have been processed where one address of several was reset', () => {
    const some = new AggregateError([coded('ECONNREFUSED'), coded('ECONNRESET')])
    expect(outcomeOfFailure(Object.assign(some, { code: 'ECONNREFUSED' }))).toBe('unknown')
  })

  it('may have been processed where it was aborted', () => {
    expect(outcomeOfFailure(AbortSignal.abort().reason)).toBe('unknown')
  })

  it('may have been processed where a real server hangs up without an answer', async () => {
    const server = createServer((socket) => socket.once('data', () => socket.destroy()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const failure = await fetch(`http://127.0.0.1:${port}/`).catch((error: unknown) => error)
    server.close()
    expect(outcomeOfFailure(failure)).toBe('unknown')
  })
})

describe('what nobody knows', () => {
  it.each([undefined, null, 'ECONNREFUSED', 7, {}, new Error('odd'), new AggregateError([])])(
    'is unknown: %s',
    (thrown) => expect(outcomeOfFailure(thrown)).toBe('unknown'),
  )

  it('is unknown where causes go round in a circle', () => {
    const error = new Error('round')
    error.cause = error
    expect(outcomeOfFailure(error)).toBe('unknown')
  })

  it('is unknown where the error has a numeric code', () => {
    expect(outcomeOfFailure({ code: 20 })).toBe('unknown')
  })
})
