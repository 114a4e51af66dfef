import { jwtDecode } from 'jwt-decode'
import { foreignText } from '../foreign-text.js'
import type { TokenSet } from '../tokens/token-set.js'

/** Who is logged in, as the ID token of the login says. @public */
export interface KnownUser {
  /** To show to the user: the email address, the user name or the name, otherwise the subject. */
  readonly label: string
  /** All that the ID token says (OpenID Connect Core §2, §5.1), as it was at the login. */
  readonly claims: Readonly<Record<string, unknown>>
}

/** Decoding takes long, and nobody has that much to say of one user. */
const LONGEST_ID_TOKEN = 128 * 1024

/** What people know themselves by, the best first. */
const LABELS = ['email', 'preferred_username', 'name', 'sub'] as const

/**
 * Tells who is logged in, for `whoami`, without a request. The information is as old as the login,
 * and no signature is verified: show it to the user, but do not base decisions on it.
 *
 * @param tokens - the result of `getTokens()`
 * @returns `undefined` without an ID token that can be read (the scope needs `openid`)
 * @public
 */
export function knownUser(tokens: Pick<TokenSet, 'idToken'> | undefined): KnownUser | undefined {
  if (tokens?.idToken === undefined || tokens.idToken.length > LONGEST_ID_TOKEN) return undefined
  try {
    const claims = jwtDecode<Record<string, unknown>>(tokens.idToken)
    const labels = LABELS.map((name) => claims[name]).filter((value) => typeof value === 'string')
    return { label: foreignText(labels[0] ?? '') || 'unknown', claims: Object.freeze(claims) }
  } catch {
    return undefined // encrypted, or no JWT
  }
}
