import { RefreshRejectedError, RefreshUnavailableError } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'
import { describe, expect, it } from 'vitest'
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

  it.each([undefined, 'two words\n', 'x'.repeat(65)])(
    'quotes no code that is none: %j',
    async (code) => {
      const error = await failureOf(ask(code))
      expect(error.message).toMatch(/did not respond$/)
    },
  )
})
