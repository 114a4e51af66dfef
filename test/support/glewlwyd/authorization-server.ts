import { generateKeyPairSync } from 'node:crypto'
import { Browser, type User } from './browser.js'
import { startProcess } from './process.js'
import { UserAgent } from './user-agent.js'

export const REDIRECT_URI = 'https://app.example.test/callback'
export const SCOPE = 'read:me'
export const ALICE: User = { username: 'alice', password: 'correct horse' }

/**
 * One client for each way to authenticate. This server does not decode what comes in a Basic header
 * (RFC 6749 §2.3.1), so only what needs no escape gets through there; in the body everything does.
 */
export const CLIENTS = {
  client_secret_basic: { clientId: 'web-app_1.0', clientSecret: 's-3_c.r*t' },
  client_secret_post: { clientId: 'web-app', clientSecret: 'p:a/s+s %20&=?#"\'()*!~' },
  none: { clientId: 'cli' },
} as const

export type ClientName = keyof typeof CLIENTS
export type ConfidentialClient = Exclude<ClientName, 'none'>

/** Debian's glewlwyd on loopback: rotates refresh tokens, and ends a session when one is reused. */
export interface Glewlwyd {
  readonly issuer: string
  /** Where Alice, its one user, logs in. */
  readonly browser: Browser
  /** Whether one of its tokens is still good for anything, as the server tells the client. */
  isActive(token: string, client: ConfidentialClient): Promise<boolean>
  /** Takes one of its tokens back, by hand. */
  revoke(token: string, client: ConfidentialClient): Promise<void>
  /** All that the process has printed. */
  output(): string
  stop(): Promise<void>
}

const PLUGIN = 'oidc'
const ACCESS_TOKEN_SECONDS = 300
/** Set by its own `init.sqlite3.sql`. */
const ADMIN: User = { username: 'admin', password: 'password' }

export async function startGlewlwyd(): Promise<Glewlwyd> {
  const server = await startProcess()
  const api = `${server.origin}/api`
  const issuer = `${api}/${PLUGIN}`
  try {
    await setUp(api, issuer)
  } catch (error) {
    await server.stop()
    throw new Error(`glewlwyd could not be set up. It printed:\n${server.output()}`, {
      cause: error,
    })
  }
  return {
    issuer,
    browser: new Browser(ALICE),
    isActive: async (token, client) => {
      const answer = await ask(`${issuer}/introspect`, token, client)
      return (JSON.parse(answer) as { active: boolean }).active
    },
    revoke: async (token, client) => {
      await ask(`${issuer}/revoke`, token, client)
    },
    output: () => server.output(),
    stop: () => server.stop(),
  }
}

async function ask(endpoint: string, token: string, client: ConfidentialClient): Promise<string> {
  const { clientId, clientSecret } = CLIENTS[client]
  const isBasic = client === 'client_secret_basic'
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: isBasic ? { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` } : {},
    body: new URLSearchParams({
      token,
      ...(isBasic ? {} : { client_id: clientId, client_secret: clientSecret }),
    }),
  })
  const body = await answer.text()
  if (answer.ok) return body
  throw new Error(`${new URL(endpoint).pathname}: HTTP ${answer.status} ${body}`)
}

/** What an administrator does in its web pages. */
async function setUp(api: string, issuer: string): Promise<void> {
  const admin = new UserAgent()
  const add = (what: string, json: unknown) =>
    admin.demand(`${api}/${what}/`, { method: 'POST', json })

  await admin.demand(`${api}/auth`, { method: 'POST', json: ADMIN })
  await add('mod/plugin', {
    module: 'oidc',
    name: PLUGIN,
    display_name: PLUGIN,
    enabled: true,
    parameters: { iss: issuer, ...signingKey(), ...PLUGIN_PARAMETERS },
  })
  await add('scope', {
    name: SCOPE,
    display_name: SCOPE,
    description: SCOPE,
    password_required: true,
    password_max_age: 0,
    scheme: {},
  })
  await add('user', { ...ALICE, enabled: true, scope: ['g_profile', 'openid', SCOPE] })
  for (const [method, client] of Object.entries(CLIENTS)) {
    const secret = 'clientSecret' in client ? client.clientSecret : undefined
    await add('client', {
      client_id: client.clientId,
      client_secret: secret,
      confidential: secret !== undefined,
      token_endpoint_auth_method: [method],
      enabled: true,
      redirect_uri: [REDIRECT_URI],
      authorization_type: [
        'code',
        'refresh_token',
        'device_authorization',
        ...(secret ? ['client_credentials'] : []),
      ],
      scope: ['openid', SCOPE],
    })
  }
}

const PLUGIN_PARAMETERS = {
  'access-token-duration': ACCESS_TOKEN_SECONDS,
  'refresh-token-duration': 3600,
  'code-duration': 60,
  'refresh-token-rolling': true,
  'refresh-token-one-use': 'always', // rotates, and ends the session when an old one comes back
  'auth-type-code-enabled': true,
  'auth-type-code-revoke-replayed': true,
  'auth-type-client-enabled': true,
  'auth-type-refresh-enabled': true,
  'auth-type-token-enabled': false,
  'auth-type-password-enabled': false,
  'auth-type-none-enabled': false,
  'allow-non-oidc': true, // or there are neither client credentials nor logins without `openid`
  'pkce-allowed': true,
  'pkce-required': true,
  'pkce-method-plain-allowed': false,
  'introspection-revocation-allowed': true,
  'introspection-revocation-allow-target-client': true, // the token's own client may
  'oauth-as-iss-id': true, // RFC 9207
  'auth-type-device-enabled': true,
  'device-authorization-expiration': 60,
  'device-authorization-interval': 1,
  'oauth-dpop-allowed': true, // a client may
  'oauth-dpop-iat-duration': 60,
  'oauth-dpop-nonce-mandatory': true,
  'oauth-dpop-nonce-counter': 2,
  'subject-type': 'public',
  'jwks-show': true,
}

function signingKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return { 'jwt-type': 'ecdsa', 'jwt-key-size': '256', key: privateKey, cert: publicKey }
}
