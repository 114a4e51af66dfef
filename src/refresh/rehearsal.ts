import type { Desk, Stock } from './stock.js'

/**
 * Before a refresh token is spent: the record that the store holds is saved once more, as it is. A
 * store that does not take it would not take the answer either, and the session would be lost with
 * this process.
 *
 * @returns `false` if the store holds something else by now: look again
 * @throws TokenStoreError if it cannot be written: nothing is to be spent
 * @internal
 */
export async function rehearse(desk: Desk, stock: Stock): Promise<boolean> {
  const { stored, unsaved, saveError } = stock
  if (!desk.needsRefreshToken) return true // what is acquired can be acquired again
  if (saveError) throw saveError
  if (unsaved || !stored) return false
  return !desk.store.isShared || desk.store.save(stored, stored.version)
}
