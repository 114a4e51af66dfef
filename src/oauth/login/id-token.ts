import {
  clockSkew,
  processAuthorizationCodeResponse,
  type AuthorizationServer,
  type Client,
} from 'oauth4webapi'
import { now } from '../../clock.js'
import { LoginError } from '../../errors.js'
import { redact } from '../../redact.js'
import type { TokenSet } from '../../tokens/token-set.js'
import type { AuthorizationServerMetadata } from '../server-metadata.js'

/** What a login asked for, which its ID token must agree with. */
export interface AskedFor {
  readonly nonce?: string | undefined
  readonly maxAgeSeconds?: number | undefined
}

/**
 * Compares a login's ID token, if one came that can be read, with what was asked for (OpenID
 * Connect Core §3.1.3.7): issuer, audience, times, nonce, `auth_time`. Its signature is not looked
 * at, nor need be (6): it came from the token endpoint itself.
 *
 * @throws LoginError `failed` if it is of another login
 * @internal
 */
export type IdTokenCheck = (
  asked: AskedFor,
) => (tokens: TokenSet, serverTime: number | undefined) => Promise<void>

/** @internal */
export function createIdTokenCheck(
  clientId: string,
  discover: () => Promise<AuthorizationServerMetadata>,
): IdTokenCheck {
  return (asked) => async (tokens, serverTime) => {
    const { idToken } = tokens
    if (idToken === undefined || isEncrypted(idToken)) return
    const server = (await discover()) as AuthorizationServer
    const client: Client = {
      client_id: clientId,
      // Nothing is verified with it; a server's metadata often leave out what it signs with.
      id_token_signed_response_alg: algorithmOf(idToken),
      [clockSkew]: serverTime === undefined ? 0 : Math.round((serverTime - now()) / 1000),
    }
    // Only the ID token is the library's to judge: what else came is read already.
    const answer = Response.json({ access_token: 'x', token_type: 'bearer', id_token: idToken })
    try {
      await processAuthorizationCodeResponse(server, client, answer, {
        expectedNonce: asked.nonce,
        maxAge: asked.maxAgeSeconds,
      })
    } catch (thrown) {
      const why = redact((thrown as Error).message)
      throw new LoginError(`The ID token is not of this login: ${why}`, {
        reason: 'failed',
        cause: thrown,
      })
    }
  }
}

/** Five parts (RFC 7516 §3.1): only who has the key can read it. */
function isEncrypted(idToken: string): boolean {
  return idToken.split('.').length === 5
}

function algorithmOf(idToken: string): string | undefined {
  try {
    const header = idToken.split('.')[0]!.replaceAll('-', '+').replaceAll('_', '/')
    const { alg } = JSON.parse(atob(header)) as { alg?: string }
    return alg
  } catch {
    return undefined // which the library says better
  }
}
