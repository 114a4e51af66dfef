import type { TokenStoreError } from '../errors.js'
import { firstVersion, isSameRecord, storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import { withKept, type TokenSet } from '../tokens/token-set.js'
import type { Desk, Stock } from './stock.js'

/**
 * The commit point of a refresh: the answer is saved, if the store still holds what it was made
 * from, and then in force. Where a login or logout came first, theirs wins: what ours brought is
 * dropped and revoked. Where another refresh of the same session came first it is only dropped:
 * revoking a sibling could end the session.
 *
 * @param isInterrupted - whether a login or logout made here took the session's place
 * @returns whether ours is in force
 * @internal
 */
export async function commit(
  desk: Desk,
  stock: Stock,
  answer: TokenSet,
  isInterrupted: () => boolean,
): Promise<boolean> {
  const { held, store, events } = desk
  const next = nextRecord(stock.record, answer)
  const drop = () => {
    if (next.tokens) desk.revokeLater(next.tokens)
    return false
  }
  let { stored } = stock
  try {
    do {
      if (isInterrupted()) return drop()
      if (await store.save(next, stored?.version)) break
      const current = await store.load()
      if (isSameRecord(current, next)) break // a save that timed out had landed
      if (current !== undefined) {
        const isOtherSession = current.sessionId !== next.sessionId || current.tokens === null
        return isOtherSession ? drop() : false
      }
      stored = undefined // gone meanwhile: what was just paid for outranks nothing at all
    } while (true)
  } catch (error) {
    if (isInterrupted()) return drop()
    held.hold(next, 'server', { replaces: stored, isUsersAct: false })
    events.emit('saveFailed', { error: error as TokenStoreError })
    return true
  }
  if (isInterrupted()) return false // saved in time, to be replaced by the login or logout
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
