import { RefreshRejectedError, RefreshUnavailableError } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import { listenOnLoopback } from 'tokenward/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { failureOf, FULL_METADATA } from './support.js'

/** As Node's fetch fails: the reason is in a cause of a cause. */
function fails(code: string | undefined) {
  const reason = Object.assign(new Error('the reason'), { code })
  const tried = new AggregateError([reason])
  return () => Promise.reject(new TypeError('fetch failed', { cause: tried }))
}
const signal = AbortSignal.timeout(60_000)
const asking = {
  discovery: (code: string | undefined) =>
    oauthClient({ issuer: 'https://auth.test', clientId: 'app', fetch: fails(code) }).discover(),
  'a token request': (code: string | undefined) =>
    oauthClient({
      metadata: FULL_METADATA,
      clientId: 'app',
      fetch: fails(code),
    }).clientCredentials()({
      signal,
    }),
}

describe.each(Object.entries(asking))('%s that gets no response', (_, ask) => {
  it.each(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'UND_ERR_CONNECT_TIMEOUT'])(
    'says why in its message: %s',
    async (code) => {
      const error = await failureOf(ask(code))
      expect(error).toBeInstanceOf(RefreshUnavailableError)
      expect(error.message).toContain(`did not respond (${code})`)
      expect(error.isTransient).toBe(true)
    },
  )

  // copilot-cli#175: the certificate's fault three causes deep
  it.each(['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED'])(
    'because of a certificate is not tried again, and says what helps: %s',
    async (code) => {
      const error = await failureOf(ask(code))
      expect(error).toBeInstanceOf(RefreshRejectedError)
      expect(error.message).toContain(code)
      expect(error.message).toContain('NODE_EXTRA_CA_CERTS')
      expect(error.isTransient).toBe(false)
    },
  )

  it.each([
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
    'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  ])('because nobody speaks TLS there as we do is not tried again: %s', async (code) => {
    const error = await failureOf(ask(code))
    expect(error).toBeInstanceOf(RefreshRejectedError)
    expect(error.message).toContain(`could not agree on TLS (${code})`)
    expect(error.isTransient).toBe(false)
  })

  it.each(['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC'])(
    'because TLS broke off later may pass, and may have reached the server: %s',
    async (code) => {
      expect(await failureOf(ask(code))).toMatchObject({ isTransient: true })
    },
  )

  it.each([undefined, 'two words\n', 'x'.repeat(65)])(
    'quotes no code that is none: %j',
    async (code) => {
      const error = await failureOf(ask(code))
      expect(error.message).toMatch(/did not respond$/)
    },
  )
})

describe('an issuer at a port of plain HTTP, or behind a proxy that answers by itself', () => {
  it('is told so, by what the platform says of it', async () => {
    const server = await listenOnLoopback(() => new Response('<html>', { status: 403 }))
    onTestFinished(() => server.close())
    const issuer = server.url.replace('http:', 'https:')
    const error = await failureOf(oauthClient({ issuer, clientId: 'app' }).discover())
    expect(error).toMatchObject({ code: 'ERR_REFRESH_REJECTED', isTransient: false })
    expect(error.message).toContain(issuer)
    expect(error.message).toContain('could not agree on TLS (ERR_SSL_WRONG_VERSION_NUMBER)')
  })
})
