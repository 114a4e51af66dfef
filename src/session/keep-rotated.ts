import type { TokenError } from '../errors.js'
import { carriedRefreshToken } from '../tokens/rotated.js'
import { tokenSet } from '../tokens/token-set.js'
import type { RefreshWork } from './refresh.js'
import { saveTokens } from './save.js'
import type { RefreshBase } from './sync.js'

/**
 * A response without an access token may have brought another refresh token: then the old one is
 * dead, and the session goes on with the new one.
 *
 * @param isSuperseded - whether a login or logout came in between
 * @returns the base that the store holds from now on; `undefined` where nothing was brought
 * @internal
 */
export async function keepRotated(
  { core, access }: Pick<RefreshWork, 'core' | 'access'>,
  base: RefreshBase,
  error: TokenError,
  isSuperseded: () => boolean,
): Promise<RefreshBase | undefined> {
  const refreshToken = carriedRefreshToken(error)
  const before = base.record?.tokens
  if (!core.needsRefreshToken || refreshToken === undefined || !before) return undefined
  const { refreshTokenExpiresAt: _, ...kept } = before
  const tokens = tokenSet({ ...kept, refreshToken })
  const isOwn = access === core.own
  const saved = await saveTokens(core, core.own, base, tokens, isSuperseded, (saved) =>
    core.apply({ type: 'refreshed', ...saved, isOwn }),
  )
  if (!saved) return undefined
  const { record, error: saveError } = saved
  return { ...base, record, stored: saveError ? base.stored : record }
}
