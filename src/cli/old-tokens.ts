import { isObject } from '../checks.js'
import { parseRecord } from '../nested-json.js'
import type { TokenInput } from '../tokens/token-input.js'
import { NO_ACCESS_TOKEN } from '../tokens/token-set.js'

/** Finds the tokens in the text of a file; `undefined` if there are none. @public */
export type ReadOldTokens = (text: string) => TokenInput | undefined

/**
 * Reads tokens from a JSON file: your own, one of `conf`, or one of google-auth-library
 * (`expiry_date`, or a refresh token alone).
 *
 * @param keys - the path to the tokens in the JSON: `jsonTokens('auth', 'tokens')`
 * @public
 */
export function jsonTokens(...keys: string[]): ReadOldTokens {
  return (text) => {
    let value: unknown = parse(text)
    for (const key of keys) value = own(value, key)
    return asTokenInput(value)
  }
}

/**
 * Reads the refresh token, and the access token if there is exactly one, from MSAL's cache file.
 *
 * @param account - the `homeAccountId`, if the cache contains several accounts
 * @public
 */
export function msalTokens(account?: string): ReadOldTokens {
  return (text) => {
    const cache = parse(text)
    const entriesOf = (kind: string) =>
      Object.values(Object(own(cache, kind)) as Record<string, unknown>)
        .filter(isObject)
        .filter((entry) => account === undefined || own(entry, 'home_account_id') === account)
    const [refreshToken, ...others] = entriesOf('RefreshToken')
    if (!refreshToken || others.length > 0) return undefined
    const accessTokens = entriesOf('AccessToken')
    const accessToken = accessTokens.length === 1 ? accessTokens[0] : undefined
    return asTokenInput({
      refresh_token: own(refreshToken, 'secret'),
      access_token: own(accessToken, 'secret'),
      expires_at: own(accessToken, 'expires_on'),
      scope: own(accessToken, 'target'),
    })
  }
}

/** Editors put a mark before the text that JSON does not allow. */
function parse(text: string): unknown {
  return parseRecord(text.replace(/^\uFEFF/, ''))
}

function own(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}

function asTokenInput(value: unknown): TokenInput | undefined {
  if (!isObject(value)) return undefined
  const accessToken = own(value, 'access_token') ?? own(value, 'accessToken')
  const refreshToken = own(value, 'refresh_token') ?? own(value, 'refreshToken')
  if (typeof accessToken !== 'string' || accessToken === '') {
    return typeof refreshToken === 'string' && refreshToken !== ''
      ? { ...NO_ACCESS_TOKEN, refreshToken }
      : undefined
  }
  const expiryDate = own(value, 'expiry_date') // google-auth's, in epoch milliseconds
  const isDated = typeof expiryDate === 'number'
  return { ...value, ...(isDated && { expires_at: expiryDate / 1000 }) }
}
