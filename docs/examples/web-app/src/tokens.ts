import axios, { type AxiosInstance } from 'axios'
import { attachTokens } from 'tokenward/axios'
import { oauthClient, type OAuthClient } from 'tokenward/oauth'
import { TokenManagerPool } from 'tokenward/pool'
import type { Configuration } from './configuration.js'
import type { State } from './state.js'

/** All there is of tokenward, for all users. */
export interface Tokens {
  readonly oauth: OAuthClient
  /** Each session's tokens: `pool.get(session.id)`. */
  readonly pool: TokenManagerPool
  /** Every request says whose it is: `{ tokens: pool.get(session.id) }`. */
  readonly api: AxiosInstance
}

export function createTokens(configuration: Configuration, state: State): Tokens {
  const { issuer, clientId, clientSecret, api, origin } = configuration
  const redirectUri = `${origin.origin}/callback`
  const oauth = oauthClient({ issuer, clientId, clientSecret, redirectUri })
  const pool = new TokenManagerPool({
    options: (sessionId) => ({
      refresh: oauth.refreshToken(),
      revoke: oauth.revoke(),
      store: state.tokenStore(sessionId),
    }),
  })
  return { oauth, pool, api: attachTokens(axios.create({ baseURL: api, timeout: 10_000 })) }
}
