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

/** Whether that was all; else they are a login, which takes the place of what is stored. */
export type Updated =
  | { readonly isUpdated: true }
  | { readonly isUpdated: false; readonly stored: StoredSession | undefined }

const UPDATED: Updated = { isUpdated: true }

/**
 * Tokens with the refresh token in force are no new login: the session goes on with them, unless
 * a refresh has brought newer ones by now. The very tokens in force, handed in again, say nothing
 * new: a login or logout made elsewhere in the meantime stands.
 *
 * @param atCall - what was in force when the user handed them in
 * @throws TokenStoreError
 * @internal
 */
export async function updateTokens(
  core: SessionCore,
  tokens: TokenSet,
  atCall: StoredSession | undefined,
): Promise<Updated> {
  const { record: before } = core.state
  const isHandedInAgain = isSameSet(atCall, tokens)
  if (!before || !hasRefreshToken(before, tokens)) {
    const wasInForce = atCall !== undefined && hasRefreshToken(atCall, tokens)
    const hasGoneOn = before?.tokens && before.sessionId === atCall?.sessionId
    if (isHandedInAgain || (wasInForce && hasGoneOn)) return UPDATED // something newer came first
    return { isUpdated: false, stored: undefined }
  }
  let record = storedSession({
    ...before,
    version: nextVersion(before.version),
    tokens: withKept(before.tokens, tokens),
    ancestors: ancestorsOf(before),
    refreshTokenVersion: refreshTokenVersionOf(before),
  })
  const { epoch } = core.state
  const isOvertaken = () => core.state.epoch !== epoch
  const unsaved = { over: before, ...core.state.unsaved }
  let stored: StoredSession | undefined = before
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const isSaved = await core.store.save(record, stored?.version)
      if (isOvertaken()) return UPDATED // a logout, or a refresh: either replaces what was saved
      if (isSaved) {
        core.apply({ type: 'logged-in', record })
        return UPDATED
      }
      stored = await core.store.load()
      if (isOvertaken()) return UPDATED
      const comparison = compareWithStore({ record, unsaved }, stored)
      if (comparison === 'ours' || comparison === 'same') {
        record = rebased(record, stored)
        continue
      }
      const isNewer = comparison === 'theirs' || comparison === 'signed-out'
      const isOurSession = comparison === 'theirs' && stored?.sessionId === before.sessionId
      if (!isOurSession && !(isNewer && isHandedInAgain)) return { isUpdated: false, stored }
      core.apply({ type: 'read', comparison, stored }) // something newer came first
      return UPDATED
    }
    throw changedAgain()
  } catch (thrown) {
    const error = storeErrorOf(thrown)
    if (!isOvertaken()) core.apply({ type: 'logged-in', record, unsaved, error })
    throw thrown
  }
}

/** To the letter: a callback that is called twice. A login brings another access token, always. */
function isSameSet(record: StoredSession | undefined, tokens: TokenSet): boolean {
  return (
    record !== undefined &&
    hasRefreshToken(record, tokens) &&
    record.tokens?.accessToken === tokens.accessToken
  )
}

function hasRefreshToken(record: StoredSession, { refreshToken }: TokenSet): boolean {
  return refreshToken !== undefined && record.tokens?.refreshToken === refreshToken
}

/** @internal */
export function changedAgain(): TokenStoreError {
  return new TokenStoreError('The record kept changing while it was being saved', {
    operation: 'save',
  })
}

/** @internal */
export function storeErrorOf(thrown: unknown): TokenStoreError | undefined {
  return isTokenError(thrown, 'ERR_TOKEN_STORE') ? thrown : undefined
}
