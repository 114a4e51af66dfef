import type { TokenStoreError } from '../errors.js'
import type { Events } from '../events.js'
import type { StoreAccess } from '../stores/store-access.js'
import { storedSession } from '../stores/stored-session.js'
import type { StoredSession } from '../stores/token-store.js'
import type { TokenSet } from '../tokens/token-set.js'
import type { Acts } from './acts.js'
import { NO_CLAIM, relate, unsavedOver, type Claim, type Relation } from './claim.js'
import { endSession } from './end.js'
import type { HeldSession } from './held-session.js'

/** What the steps of a refresh work on. */
export interface Desk {
  readonly held: HeldSession
  readonly store: StoreAccess
  readonly acts: Acts
  readonly events: Events
  /** Whether a session without a refresh token is none; `acquire` needs none and never ends. */
  readonly needsRefreshToken: boolean
  /** Tells the server, in the background, to forget what nobody will use. */
  revokeLater(tokens: TokenSet): void
  /** Lets `close` wait for it. */
  track<T>(work: Promise<T>): Promise<T>
}

/** What the next request is made from: a claim, and what the store holds beside it. */
export interface Stock extends Claim {
  readonly stored: StoredSession | undefined
  /** Why what is unsaved could not be saved first, where it could not. */
  readonly saveError?: TokenStoreError | undefined
}

/**
 * Puts in force what was found, and ends the session where it was ended.
 *
 * @internal
 */
export function takeOver(desk: Desk, stored: StoredSession | undefined, relation: Relation): void {
  const { held, events } = desk
  if (relation === 'theirs' && stored) {
    const isFirstLook = !held.isKnown
    const isOtherSession = stored.sessionId !== held.record?.sessionId
    dropUnsaved(desk, stored)
    held.hold(stored, 'store')
    const expiresAt = stored.tokens?.expiresAt
    if (!isFirstLook) events.emit('adopted', { expiresAt, isOtherSession })
  } else if (relation === 'signed-out' && stored) {
    dropUnsaved(desk, stored)
    endSession(desk, 'signed-out', { record: stored })
  } else if (relation === 'gone' && desk.needsRefreshToken) {
    endSession(desk, 'gone')
  }
}

/**
 * Looks at the store, inside the lease, and saves first what is unsaved: then it is clear what the
 * next request is made from.
 *
 * @throws LoginRequiredError if the session has ended
 * @throws TokenStoreError if the store cannot be read
 * @internal
 */
export async function takeStock(desk: Desk, isWanted: () => boolean): Promise<Stock> {
  const { held, store } = desk
  for (let round = 1; ; round++) {
    await desk.acts.settled()
    const found = await store.inspect()
    const stored = found.session
    if (!isWanted() || desk.acts.isPending) {
      if (!isWanted()) return { record: stored, unsaved: undefined, stored }
      continue
    }
    if (found.damage && !held.unsaved?.act) throw found.damage
    held.looked()
    const relation = found.damage ? 'ours' : relate(held, stored)
    let saveError: TokenStoreError | undefined
    if (relation === 'same') held.saved(stored!)
    if (relation === 'ours') {
      const saving = await saveOurs(desk, stored, found.version, isWanted)
      if (saving === 'changed' && round < MAX_ROUNDS) continue
      if (typeof saving !== 'string') saveError = saving
    } else {
      takeOver(desk, stored, relation)
    }
    if (held.ended && isWanted()) throw held.ended
    const isStored = relation !== 'gone' && relation !== 'nothing' && !held.unsaved
    const { record, unsaved } = held
    return { record, unsaved, stored: isStored ? record : stored, saveError }
  }
}

const MAX_ROUNDS = 4

/** @returns `changed` if the store's record did, meanwhile: look again */
async function saveOurs(
  desk: Desk,
  stored: StoredSession | undefined,
  ifVersion: number | undefined,
  isWanted: () => boolean,
): Promise<'saved' | 'changed' | TokenStoreError> {
  const { held, store, events } = desk
  const record = held.record!
  const version = Math.max(record.version, (ifVersion ?? 0) + 1)
  const next = storedSession({ ...record, version })
  held.unsaved ??= unsavedOver(NO_CLAIM, stored)
  try {
    const isSaved = await store.save(next, ifVersion)
    if (isSaved && isWanted()) held.saved(next)
    return isSaved ? 'saved' : 'changed'
  } catch (thrown) {
    const error = thrown as TokenStoreError
    events.emit('saveFailed', { error })
    return error // in force here all the same; the next cycle tries again
  }
}

/** Another login took the place of tokens that only this process knew. */
function dropUnsaved(desk: Desk, stored: StoredSession): void {
  const { record, unsaved } = desk.held
  const isLost = unsaved && record?.tokens && record.sessionId !== stored.sessionId
  if (isLost && record.tokens) desk.revokeLater(record.tokens)
}
