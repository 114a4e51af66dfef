import { isTokenError, TokenStoreError } from '../errors.js'
import {
  ancestorsOf,
  nextVersion,
  refreshTokenVersionOf,
  storedSession,
} from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import { withKept, type TokenSet } from '../tokens/token-set.js'
import { compareWithStore } from './compare.js'
import type { SessionCore } from './core.js'
import { rebased } from './sync.js'

const MOST_ROUNDS = 8

/**
 * Tokens with the refresh token in force are no new login: the session goes on with them, unless
 * a refresh has brought newer ones by now.
 *
 * @returns `false` if they are a login: another refresh token is in force, or none
 * @throws TokenStoreError
 * @internal
 */
export async function updateTokens(core: SessionCore, tokens: TokenSet): Promise<boolean> {
  const { record: before, unsaved } = core.state
  const refreshToken = before?.tokens?.refreshToken
  if (!before || refreshToken === undefined || refreshToken !== tokens.refreshToken) return false
  let record = storedSession({
    ...before,
    version: nextVersion(before.version),
    tokens: withKept(before.tokens, tokens),
    ancestors: ancestorsOf(before),
    refreshTokenVersion: refreshTokenVersionOf(before),
  })
  const isOvertaken = () => core.state.record?.sessionId !== before.sessionId || !core.sessionId
  let stored: StoredSession | undefined = before
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const isSaved = await core.store.save(record, stored?.version)
      if (isOvertaken()) return true // by a logout, which replaces whatever was saved
      if (isSaved) {
        core.apply({ type: 'logged-in', record })
        return true
      }
      stored = await core.store.load()
      if (isOvertaken()) return true
      const comparison = compareWithStore({ record, unsaved: unsaved ?? {} }, stored)
      if (comparison === 'ours' || comparison === 'same') {
        record = rebased(record, stored)
        continue
      }
      if (comparison !== 'theirs' || stored?.sessionId !== before.sessionId) return false
      core.apply({ type: 'read', comparison, stored }) // a refresh came first
      return true
    }
    throw changedAgain()
  } catch (thrown) {
    const error = storeErrorOf(thrown)
    if (!isOvertaken()) core.apply({ type: 'logged-in', record, unsaved: { ...unsaved }, error })
    throw thrown
  }
}

/** @internal */
export function changedAgain(): TokenStoreError {
  return new TokenStoreError('The store changed again and again while it was written', {
    operation: 'save',
  })
}

/** @internal */
export function storeErrorOf(thrown: unknown): TokenStoreError | undefined {
  return isTokenError(thrown, 'ERR_TOKEN_STORE') ? thrown : undefined
}
