import { TokenManager } from 'tokenward'
import { oauthClient, type OAuthFetch } from 'tokenward/oauth'
import * as presets from 'tokenward/providers'
import type { Provider } from 'tokenward/oauth'
import { main } from '../../src/doctor/main.js'
import { visibleText } from '../../src/foreign-text.js'
import { DpopNonceCache } from '../../src/http/dpop-nonce-cache.js'
import type { Target } from './target.js'
import { HEADER_WORDS, JSON_WORDS, jsonOf, TIMES, TOKEN_WORDS } from './words.js'

const ISSUER = 'https://auth.example.com'
const METADATA = { issuer: ISSUER, token_endpoint: `${ISSUER}/token`, revocation_endpoint: `${ISSUER}/revoke` } // prettier-ignore
const TOKENS = { access_token: 'a', token_type: 'Bearer', refresh_token: 'r', expires_in: 60 }
const SIGNAL = new AbortController().signal
/** A token endpoint without TLS, so that signatures are looked at. */
const LOOPBACK = 'http://127.0.0.1:9'
const SIGNED = `${btoa('{"alg":"ES256","kid":"k"}')}.${btoa(JSON.stringify({ iss: LOOPBACK, aud: 'client', sub: 's', iat: 1, exp: 4e9 })).replaceAll('=', '')}.c2ln`

const answering =
  (body: string, status = 200): OAuthFetch =>
  async () =>
    new Response(body, { status })

/** Those that are called with nothing, and with the least where they must be told something. */
const PROVIDERS = Object.values(presets).map(
  (make) =>
  (make as (options: object) => Provider)({ domain: 'a.example.com', url: 'https://a.example.com', realm: 'r', region: 'eu-central-1', userPoolId: 'p', userAgent: 'x' }), // prettier-ignore
)

/** A manager whose `refresh` gives or throws this, in the ways that HTTP clients have. */
async function refreshBy(refresh: () => unknown): Promise<void> {
  const tokens = new TokenManager({
    refresh: async () => refresh() as never,
    initialTokens: { ...TOKENS, expires_in: 1 },
    retry: { attempts: 1 },
  })
  try {
    await tokens.refresh()
  } finally {
    await tokens.close()
  }
}

async function inTurn(ways: readonly (() => Promise<unknown>)[]): Promise<void> {
  const results = await Promise.allSettled(ways.map(async (way) => way()))
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

/** What servers say to other requests than a client's refresh and login. */
export const RESPONSE_TARGETS: readonly Target[] = [
  {
    name: 'result-of-refresh',
    words: [...JSON_WORDS, ...TOKEN_WORDS, '"data":{', '"errors":[', '"status":'],
    read: (text) =>
      inTurn([
        () => refreshBy(() => text),
        () => refreshBy(() => new Response(text)),
        () => refreshBy(() => ({ status: 400, data: text })),
        // A client's own parser is none of ours.
        () => refreshBy(() => (text.length < 10_000 ? jsonOf(text) : {})),
        () => refreshBy(() => Promise.reject(new Error(text, { cause: { error: text } }))),
        () => refreshBy(() => Promise.reject(Object.assign(new Error(text), { response: { status: 400, data: text, headers: { 'retry-after': text } } }))), // prettier-ignore
      ]),
  },
  {
    name: 'provider-response',
    words: [...JSON_WORDS, ...TOKEN_WORDS, '"ok":false', '"code":', '"errors":[{', '"data":{', '"authed_user":{', '"errorType":"', '"message":'], // prettier-ignore
    async read(text) {
      // A long one is read by a few: what it costs does not depend on which.
      const some = text.length > 10_000 ? PROVIDERS.slice(0, 1) : PROVIDERS
      await inTurn(
        some.flatMap((provider) =>
          [200, 400].map((status) => () => {
            const variables = { ...(provider.variables && { variables: { shop: 'a.myshopify.com' } }) } // prettier-ignore
            const options = { provider: { ...provider, issuer: undefined, endpoints: { token: `${ISSUER}/token` } }, clientId: 'client', clientSecret: 's', ...variables } // prettier-ignore
            const client = oauthClient({ ...options, fetch: answering(text, status) })
            const tokens = { accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer', issuedAt: 0 }
            return client.refreshToken()({ refreshToken: 'r', tokens, signal: SIGNAL })
          }),
        ),
      )
    },
  },
  {
    name: 'revocation-response',
    words: [...JSON_WORDS, '"error":"unsupported_token_type"', '"error_description":"'],
    read: (text) =>
      inTurn(
        [200, 400].map((status) => () => {
          const tokens = { accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer', issuedAt: 0 }
          const ended = new AbortController()
          const fetch: OAuthFetch = async (url, init) => {
            ended.abort() // what may pass is not tried again
            return answering(text, status)(url, init)
          }
          const client = oauthClient({ metadata: METADATA, clientId: 'client', fetch })
          return client.revoke()({ tokens, signal: ended.signal })
        }),
      ),
  },
  {
    name: 'keys-of-a-server',
    words: [...JSON_WORDS, '"keys":[', '"kty":"EC"', '"crv":"P-256"', '"kid":"k"', '"alg":"ES256"', '"use":"sig"', '"x":"', '"y":"', '"n":"', '"e":"AQAB"'], // prettier-ignore
    async read(text) {
      const metadata = { issuer: LOOPBACK, token_endpoint: `${LOOPBACK}/token`, jwks_uri: `${LOOPBACK}/keys` } // prettier-ignore
      const fetch: OAuthFetch = async (url) =>
        url.endsWith('/keys')
          ? new Response(text, { headers: { 'content-type': 'application/json' } })
          : Response.json({ ...TOKENS, id_token: SIGNED })
      const client = oauthClient({ metadata, clientId: 'client', fetch })
      const request = { url: LOOPBACK, redirectUri: `${LOOPBACK}/`, state: 's', codeVerifier: 'v'.repeat(43), issuer: LOOPBACK } // prettier-ignore
      await client.authorizationCode('code=c&state=s', request)
      throw new Error('a signature was believed that nobody made')
    },
  },
  {
    name: 'dpop-nonce',
    words: [...HEADER_WORDS, ...TIMES, 'Wed, 21 Oct 2026 07:28:00 GMT'],
    read(text) {
      const cache = new DpopNonceCache()
      for (const error of [undefined, 'use_dpop_nonce', 'invalid_dpop_proof']) {
        cache.learn({ url: `${ISSUER}/a`, error, nonce: text, date: text })
        const { nonce = '', issuedAt } = cache.claimsFor(`${ISSUER}/b`)
        new Headers({ dpop: nonce })
        if (!Number.isSafeInteger(issuedAt)) throw new Error(`issued at ${issuedAt}`)
      }
    },
  },
  {
    name: 'doctor',
    words: [...JSON_WORDS, `"issuer":"${ISSUER}"`, '"token_endpoint":"https://a', '"error":"invalid_client"'], // prettier-ignore
    async read(text) {
      let printed = ''
      const world = {
        fetch: async () =>
          new Response(text, { headers: { date: 'Wed, 21 Oct 2026 07:28:00 GMT' } }),
        env: {},
        print: (said: string) => void (printed += said),
        ask: async () => true,
      }
      for (const words of [
        ['--issuer', ISSUER],
        ['--token-endpoint', `${ISSUER}/token`],
      ]) {
        await main(['doctor', '--skip-machine', '--client-id', 'c', ...words], world)
      }
      const hidden = printed.split('\n').find((line) => visibleText(line) !== line)
      if (hidden !== undefined) throw new Error(`not fit to be shown: ${JSON.stringify(hidden)}`)
    },
  },
]
