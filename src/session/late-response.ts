import { refreshTokenVersionOf } from '../stores/stored-session.js'
import type { TokenError } from '../errors.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { SessionCore } from './core.js'
import { keepRotated } from './keep-rotated.js'
import { holdTokens } from './put-in-force.js'
import { saveTokens } from './save.js'
import type { RefreshBase } from './sync.js'
import type { TokenRequest } from './token-requests.js'

/**
 * Saves the tokens of a response that came when nobody waited for it any more, unless a login or
 * logout took the session's place.
 *
 * @internal
 */
export async function saveLate(
  core: SessionCore,
  { access, base, claims }: TokenRequest,
  tokens: TokenSet,
): Promise<void> {
  const isReplaced = () => isReplacedSince(core, base)
  await saveTokens(core, access, base, tokens, isReplaced, (saved) =>
    holdTokens(core, access, saved, { tokens, claims }),
  )
}

/** Keeps the refresh token that came with a late response without an access token. @internal */
export async function keepLate(
  core: SessionCore,
  { access, base }: TokenRequest,
  error: TokenError,
): Promise<void> {
  await keepRotated({ core, access }, base, error, () => isReplacedSince(core, base))
}

/**
 * Whether a login or logout came between a request and its late response. That the server refused
 * the refresh token to another process in the meantime is neither: the response says what came of
 * it.
 */
function isReplacedSince(core: SessionCore, { record }: RefreshBase): boolean {
  const sessionId = record?.tokens ? record.sessionId : undefined
  const { record: inForce } = core.state
  if (core.sessionId === sessionId) return false
  const refused = inForce?.sessionId === sessionId ? inForce?.ended?.refreshTokenVersion : undefined
  return refused === undefined || refused !== refreshTokenVersionOf(record!)
}
