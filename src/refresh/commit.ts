import { TokenStoreError } from '../errors.js'
import { firstVersion, isSameRecord, storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import { withKept, type TokenSet } from '../tokens/token-set.js'
import { relate, unsavedOver } from './claim.js'
import type { Desk, Stock } from './stock.js'
import type { Target } from './target.js'

/**
 * The commit point of a refresh: the answer is saved, if the store still holds what it was made
 * from, and then in force. Where a login or logout came first, theirs wins: what ours brought is
 * dropped and revoked. Where another refresh of the same session came first it is only dropped:
 * revoking a sibling could end the session.
 *
 * @param target - for whom the answer is
 * @param isInterrupted - whether a login or logout made here took the session's place
 * @returns whether ours is in force
 * @internal
 */
export async function commit(
  desk: Desk,
  target: Target,
  stock: Stock,
  answer: TokenSet,
  isInterrupted: () => boolean,
): Promise<boolean> {
  const { store, events } = desk
  const sessionId = stock.record?.tokens ? stock.record.sessionId : crypto.randomUUID()
  let next = nextRecord(target, stock, stock.stored, sessionId, answer)
  const drop = () => {
    desk.revokeLater(withKept(stock.record?.tokens, answer))
    return false
  }
  let { stored } = stock
  try {
    for (let round = 1; ; round++) {
      if (isInterrupted()) return drop()
      if (await store.save(next, stored?.version)) break
      const current = await store.load()
      if (current && isSameRecord(current, next)) break // a save that timed out had landed
      const relation = relate(stock, current)
      if (relation === 'signed-out') return drop()
      if (relation === 'theirs') return isOtherSession(current, next) ? drop() : false
      if (round === MAX_ROUNDS) throw refusedAgain()
      stored = current
      next = nextRecord(target, stock, stored, sessionId, answer)
    }
  } catch (error) {
    if (isInterrupted()) return drop()
    target.hold(next, answer, unsavedOver(stock, stored))
    events.emit('saveFailed', { error: error as TokenStoreError })
    return true
  }
  if (isInterrupted()) return false // saved in time, to be replaced by the login or logout
  target.hold(next, answer)
  return true
}

const MAX_ROUNDS = 4

/** One version on from whatever is known. */
function nextRecord(
  target: Target,
  { record }: Stock,
  stored: StoredSession | undefined,
  sessionId: string,
  answer: TokenSet,
): StoredSession {
  const latest = Math.max(record?.version ?? 0, stored?.version ?? 0)
  return storedSession({
    ...record,
    sessionId,
    version: latest === 0 ? firstVersion() : latest + 1,
    tokens: target.sessionTokens(record?.tokens, answer),
  })
}

function isOtherSession(current: StoredSession | undefined, next: StoredSession): boolean {
  return current?.sessionId !== next.sessionId
}

function refusedAgain(): TokenStoreError {
  return new TokenStoreError('The store refused again and again to save over what it holds', {
    operation: 'save',
  })
}
