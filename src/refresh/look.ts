import { TokenStoreError } from '../errors.js'
import { newSession } from '../stores/stored-session.js'
import type { TokenSet } from '../tokens/token-set.js'
import { NO_CLAIM, relate, unsavedOver } from './claim.js'
import { endSession } from './end.js'
import { takeOver, type Desk } from './stock.js'

/**
 * Looks at the store without the lease. What was decided while it waited (a login, a refresh) is
 * newer than what it saw.
 *
 * @throws TokenStoreError
 * @internal
 */
export async function lookAtStore(
  desk: Desk,
  seed: TokenSet | undefined,
  isRefreshing: () => boolean,
): Promise<void> {
  const { held, store, acts } = desk
  await acts.settled()
  const { epoch } = held
  const stored = await store.load()
  if (acts.isPending) return acts.settled()
  if (held.epoch !== epoch || isRefreshing()) return
  if (stored === undefined && !held.isKnown) return begin(desk, seed)

  const relation = relate(held, stored)
  if (relation === 'same') held.saved(stored!)
  else if (relation === 'ours') held.unsaved ??= unsavedOver(NO_CLAIM, stored)
  else takeOver(desk, stored, relation)
  held.looked()
}

/** The store holds nothing yet: the seed goes there, or nobody has logged in. */
async function begin(desk: Desk, seed: TokenSet | undefined): Promise<void> {
  const { held, store, events } = desk
  if (!seed) return void endSession(desk, 'no-session')
  const record = newSession(seed)
  const { epoch } = held
  try {
    const isSaved = await store.save(record, undefined)
    if (held.epoch !== epoch) return
    if (isSaved) return held.hold(record, 'store')
  } catch (error) {
    if (held.epoch !== epoch) return
    held.hold(record, 'store', unsavedOver(NO_CLAIM, undefined))
    events.emit('saveFailed', { error: error as TokenStoreError })
    return
  }
  const stored = await store.load() // another process was first
  if (held.epoch !== epoch || desk.acts.isPending) return
  if (!stored) {
    const message = 'The store refused to save although it holds nothing'
    throw new TokenStoreError(message, { operation: 'save' })
  }
  takeOver(desk, stored, relate(held, stored))
}
