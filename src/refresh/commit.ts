import type { TokenStoreError } from '../errors.js'
import { firstVersion, isSameRecord, storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import { withKept, type TokenSet } from '../tokens/token-set.js'
import type { Desk, Stock } from './stock.js'

/**
 * The commit point of a refresh: the answer is saved, if the store still holds what it was made
 * from, and then in force. Refused because somebody else changed the session, theirs wins; what
 * ours brought is dropped, and revoked if theirs is another login or a logout (revoking a sibling
 * of the same session could end it).
 *
 * @param isWanted - `false` once a login or logout made here took the session's place
 * @returns whether ours is in force
 * @internal
 */
export async function commit(
  desk: Desk,
  stock: Stock,
  answer: TokenSet,
  isWanted: () => boolean,
): Promise<boolean> {
  const { held, store, events, revokeLater } = desk
  const next = nextRecord(stock.record, answer)
  let { stored } = stock
  try {
    while (!(await store.save(next, stored?.version))) {
      const current = await store.load()
      if (isSameRecord(current, next)) break // a save that timed out had landed
      if (current !== undefined) {
        const isAnothers = current.sessionId !== next.sessionId || current.tokens === null
        if (isAnothers) revokeLater(next.tokens!)
        return false
      }
      stored = undefined // gone meanwhile: what was just paid for outranks nothing at all
    }
  } catch (error) {
    if (!isWanted()) {
      revokeLater(next.tokens!)
      return false
    }
    held.hold(next, 'server', { replaces: stored, isUsersAct: false })
    events.emit('saveFailed', { error: error as TokenStoreError })
    return true
  }
  if (!isWanted()) return false
  held.hold(next, 'server')
  return true
}

/** The same session, one version on; another session where there was none to renew. */
function nextRecord(record: StoredSession | undefined, answer: TokenSet): StoredSession {
  return storedSession({
    ...record,
    sessionId: record?.tokens ? record.sessionId : crypto.randomUUID(),
    version: record ? record.version + 1 : firstVersion(),
    tokens: withKept(record?.tokens, answer),
  })
}
