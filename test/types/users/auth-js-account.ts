// An account as Auth.js hands it to its `jwt` callback: every field may be missing.
import { TokenManager, type TokenInput } from 'tokenward'
import { oauthClient } from 'tokenward/oauth'

/** The shape of `Account` in @auth/core/types, where it matters. */
interface Account {
  provider: string
  type: 'oauth' | 'oidc' | 'email' | 'credentials' | 'webauthn'
  providerAccountId: string
  userId?: string
  access_token?: string
  refresh_token?: string
  id_token?: string
  /** Epoch seconds. */
  expires_at?: number
  expires_in?: number
  token_type?: Lowercase<string>
  scope?: string
  session_state?: string | null
}

/** The row of an adapter's table: the same, with `null` for what is missing. */
interface AccountRow {
  access_token: string | null
  refresh_token: string | null
  expires_at: number | null
  id_token: string | null
}

const oauth = oauthClient({ issuer: 'https://auth.example.com', clientId: 'client-id' })

export function ofAccount(account: Account): TokenManager {
  return new TokenManager({ refresh: oauth.refreshToken(), initialTokens: account })
}

export async function ofRow(manager: TokenManager, row: AccountRow): Promise<void> {
  const input: TokenInput = row
  await manager.setTokens(input)
}
