import {
  allowInsecureRequests,
  clockSkew,
  customFetch,
  processAuthorizationCodeResponse,
  validateApplicationLevelSignature,
  type AuthorizationServer,
  type Client,
} from 'oauth4webapi'
import { now } from '../../clock.js'
import { LoginError } from '../../errors.js'
import { foreignText } from '../../foreign-text.js'
import { redact } from '../../redact.js'
import type { TokenSet } from '../../tokens/token-set.js'
import { issuerFor } from '../issuer-template.js'
import { isDeeplyNested } from '../../nested-json.js'
import type { AuthorizationServerMetadata } from '../server-metadata.js'
import type { OutgoingRequest, Transport } from '../transport.js'

/** What a login asked for, which its ID token must agree with. */
export interface AskedFor {
  /** Then an ID token must come: it is the only place where the nonce is seen. */
  readonly nonce?: string | undefined
  readonly maxAgeSeconds?: number | undefined
}

/**
 * Compares a login's ID token with what was asked for (OpenID Connect Core §3.1.3.7): issuer,
 * audience, times, nonce, `auth_time`. Its signature is looked at where it did not come from the
 * token endpoint over TLS (6).
 *
 * @throws LoginError `failed` if it is of another login, or missing though a nonce was sent
 * @internal
 */
export type IdTokenCheck = (
  asked: AskedFor,
) => (tokens: TokenSet, serverTime: number | undefined) => Promise<void>

/** Decoding takes long: a second for each million characters. */
const LONGEST_ID_TOKEN = 128 * 1024

/** Keys of many tenants in one document. */
const LONGEST_JWKS = 16 * 1024 * 1024

/** @internal */
export function createIdTokenCheck(
  clientId: string,
  discover: () => Promise<AuthorizationServerMetadata>,
  transport: Transport,
): IdTokenCheck {
  return (asked) => async (tokens, serverTime) => {
    const { idToken } = tokens
    if (idToken === undefined) return assertNotAskedFor(asked)
    assertReadable(idToken)
    const metadata = await discover()
    const server = {
      ...metadata,
      issuer: issuerFor(metadata.issuer, partOf(idToken, 1).tid),
    } as AuthorizationServer
    const client: Client = {
      client_id: clientId,
      // What it must be is not known: a server's metadata often leave out what it signs with.
      id_token_signed_response_alg: partOf(idToken, 0).alg as string | undefined,
      [clockSkew]: serverTime === undefined ? 0 : Math.round((serverTime - now()) / 1000),
    }
    // Only the ID token is the library's to judge: what else came is read already.
    const answer = Response.json({ access_token: 'x', token_type: 'bearer', id_token: idToken })
    try {
      await processAuthorizationCodeResponse(server, client, answer, {
        expectedNonce: asked.nonce,
        maxAge: asked.maxAgeSeconds,
      })
      if (!isOverTls(server.token_endpoint)) await checkSignature(server, answer, transport)
    } catch (thrown) {
      const why = foreignText(redact((thrown as Error).message))
      throw failed(`The ID token does not belong to this login: ${why}`, thrown)
    }
  }
}

function assertNotAskedFor({ nonce }: AskedFor): void {
  if (nonce === undefined) return
  throw failed(
    'The response has no ID token, although the scope contains `openid` (OpenID Connect Core §3.1.3.3)',
  )
}

/** Five parts (RFC 7516 §3.1): only who has the key can read it, and see its nonce. */
function assertReadable(idToken: string): void {
  if (idToken.length > LONGEST_ID_TOKEN) {
    throw failed(`The ID token is longer than ${LONGEST_ID_TOKEN} characters, so it is not read`)
  }
  if (idToken.split('.').length === 5) {
    throw failed(
      'The ID token is encrypted, so that its nonce cannot be checked: configure the server not to encrypt it',
    )
  }
  if (idToken.split('.').some((part) => isDeeplyNested(decoded(part)))) {
    throw failed('The ID token cannot be read: its JSON is nested too deeply')
  }
  const { alg } = partOf(idToken, 0)
  if (typeof alg === 'string' && alg.toLowerCase() === 'none') {
    throw failed('The ID token is not signed: its `alg` is none (OpenID Connect Core §2)')
  }
}

/** By the server's keys; a MAC with the client's secret is not looked at by the library. */
async function checkSignature(
  server: AuthorizationServer,
  answer: Response,
  transport: Transport,
): Promise<void> {
  await validateApplicationLevelSignature(server, answer, {
    [allowInsecureRequests]: true, // the transport has a finer rule
    [customFetch]: async (url: string, request: OutgoingRequest) => {
      const keys = await transport(url, request, undefined, LONGEST_JWKS)
      return new Response(await keys.text(), {
        status: keys.status,
        headers: { 'content-type': keys.headers.get('content-type') ?? 'application/json' },
      })
    },
  })
}

function isOverTls(url: string | undefined): boolean {
  return url?.startsWith('https:') ?? false
}

function failed(message: string, cause?: unknown): LoginError {
  return new LoginError(message, { reason: 'failed', cause })
}

/** Of what cannot be read nothing: the library says that better. */
function partOf(idToken: string, part: 0 | 1): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decoded(idToken.split('.')[part]!))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function decoded(part: string): string {
  try {
    return atob(part.replaceAll('-', '+').replaceAll('_', '/'))
  } catch {
    return ''
  }
}
