import { TokenStoreError, type LoginRequiredError } from '../errors.js'
import {
  ancestorsOf,
  nextVersion,
  refreshTokenVersionOf,
  storedSession,
} from '../stores/stored-session.js'
import type { Lease, StoredSession } from '../stores/token-store.js'
import { withKept, withRefreshTokenOf, type TokenSet } from '../tokens/token-set.js'
import type { AccessToken } from './access-token.js'
import { compareWithStore, isLogout } from './compare.js'
import type { SessionCore } from './core.js'
import { factsOf, journalEntry, withEntries } from './journal.js'
import { rebased, type RefreshBase } from './sync.js'

/** The record with the tokens that a refresh brought. */
export interface Saved {
  readonly record: StoredSession
  /** Why it is not in the store yet. */
  readonly error?: TokenStoreError | undefined
}

const MOST_ROUNDS = 4

/**
 * The commit point of a refresh: the tokens are saved, if the store still holds what they were made
 * from. Where a login or logout came first, theirs wins: what ours brought is dropped and revoked.
 * Where another refresh of the same session came first it is only dropped: revoking a sibling could
 * end the session.
 *
 * @param isSuperseded - whether a login or logout made here took the session's place
 * @param putInForce - called in the same turn as the last look at that, so that none comes between
 * @returns `undefined` if others came first
 * @internal
 */
export async function saveTokens(
  core: SessionCore,
  access: AccessToken,
  base: RefreshBase,
  tokens: TokenSet,
  isSuperseded: () => boolean,
  putInForce: (saved: Saved) => void,
): Promise<Saved | undefined> {
  const whole = withKept(base.record?.tokens, tokens)
  const drop = (inForce?: StoredSession) => {
    core.apply({ type: 'dropped', tokens: whole, inForce })
    return undefined
  }
  /** A login or logout that was found in the store while it waited for its response. */
  const replacedBy = () => {
    const { record: inForce } = core.state
    if (!base.record?.tokens || !inForce) return undefined
    const isOther = inForce.sessionId !== base.record.sessionId
    return isOther || isLogout(inForce) ? inForce : undefined
  }
  let { stored } = base
  let record = recordWith(core, access, base, tokens)
  let error: TokenStoreError | undefined
  try {
    for (let round = 1; ; round++) {
      if (isSuperseded() || replacedBy()) return drop(replacedBy())
      if (await core.store.save(record, stored?.version)) break
      stored = await core.store.load()
      if (stored?.version === record.version) break // the client sent it twice, and the first landed
      const unsaved = { ...base.unsaved, over: base.record }
      const comparison = compareWithStore({ record, unsaved }, stored)
      if (comparison === 'signed-out' || comparison === 'theirs') {
        const isSibling = stored?.tokens && stored.sessionId === record.sessionId
        if (!isSibling) drop(stored)
        // A login or logout that is being written here tells of itself.
        const isTold = isSuperseded() || core.writes.isBusy
        if (!isTold) core.apply({ type: 'read', comparison, stored })
        return undefined
      }
      if (comparison === 'same') break
      if (round === MOST_ROUNDS) throw refusedAgain()
      record = rebased(record, stored)
    }
  } catch (thrown) {
    error = thrown as TokenStoreError
  }
  // Where it was saved in time, the login or logout is about to replace it.
  if (isSuperseded()) return error ? drop() : undefined
  if (error && replacedBy()) return drop(replacedBy())
  const saved = { record, error }
  putInForce(saved)
  return saved
}

/** The session's record with the tokens in it, one version on from whatever is known. */
function recordWith(
  core: SessionCore,
  access: AccessToken,
  { record, stored }: RefreshBase,
  answer: TokenSet,
): StoredSession {
  const isOwn = access === core.own
  const before = record?.tokens
  const tokens = isOwn || !before ? withKept(before, answer) : withRefreshTokenOf(before, answer)
  const isSameRefreshToken = record && before?.refreshToken === tokens.refreshToken
  return storedSession({
    ...record,
    sessionId: before ? record.sessionId : crypto.randomUUID(),
    version: nextVersion(record?.version, stored?.version),
    tokens,
    ancestors: ancestorsOf(record, stored),
    refreshTokenVersion: isSameRefreshToken ? refreshTokenVersionOf(record) : undefined,
    spending: undefined,
    coolDown: undefined,
    ended: undefined,
    journal: withEntries(record?.journal, journalEntry('refreshed')),
  })
}

/**
 * The server refused the refresh token. That means something only for the one now in the store, and
 * only from whoever may spend it. A loser of a race is refused too, and the winner's tokens are
 * there, or on their way (law 8).
 *
 * @returns `false` if the store holds something else by now, or the lease is lost
 * @throws TokenStoreError if it cannot be told
 * @internal
 */
export async function endIfStill(
  core: SessionCore,
  base: RefreshBase,
  error: LoginRequiredError,
  lease: Lease,
  isSuperseded: () => boolean,
): Promise<boolean> {
  const current = await core.store.load()
  const comparison = compareWithStore(base, current)
  if (comparison !== 'same' && comparison !== 'ours') return false
  if (isSuperseded()) return true
  if (!lease.isHeld()) return false
  const record = endedRecord(base.record!, current, error)
  try {
    if (!(await core.store.save(record, current?.version))) return false
    if (!isSuperseded()) core.apply({ type: 'ended', error, record })
  } catch (cause) {
    const saveError = cause as TokenStoreError
    if (!isSuperseded()) core.apply({ type: 'ended', error, record, saveError })
  }
  return true
}

function endedRecord(
  record: StoredSession,
  current: StoredSession | undefined,
  error: LoginRequiredError,
): StoredSession {
  const refreshTokenVersion = refreshTokenVersionOf(record)
  const entry = journalEntry('ended', { refreshTokenVersion, ...factsOf(error) })
  return storedSession({
    ...record,
    version: nextVersion(record.version, current?.version),
    tokens: null,
    ancestors: ancestorsOf(record, current),
    refreshTokenVersion: undefined,
    spending: undefined,
    coolDown: undefined,
    ended: { reason: 'invalid-grant', refreshTokenVersion },
    journal: withEntries(record.journal, entry),
  })
}

function refusedAgain(): TokenStoreError {
  return new TokenStoreError('The store refused several times to replace its record', {
    operation: 'save',
  })
}
