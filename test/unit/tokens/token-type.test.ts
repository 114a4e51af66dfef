import { describe, expect, it } from 'vitest'
import { toTokenSet } from '../../../src/tokens/to-token-set.js'
import { readStoredTokens } from '../../../src/tokens/token-set.js'

describe('a token type without a DPoP key', () => {
  it.each(['User Access Token', 'bot', 'user', 'mac'])('is kept as %j, in a store too', (type) => {
    const tokens = toTokenSet({ access_token: 'a', token_type: type, refresh_token: 'r' })
    expect(tokens).toMatchObject({ tokenType: type, refreshToken: 'r' })
    expect(readStoredTokens({ ...tokens })).toEqual(tokens)
  })
})
