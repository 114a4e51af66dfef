import { TokenStoreError } from '../../errors.js'
import { readSession } from '../stored-session.js'
import type { Lease, StoredSession } from '../token-store.js'
import { findLeftovers } from './leftovers.js'
import { replaceFile } from './replace-file.js'
import { readSessionFile, textOf, type SessionFile } from './session-file.js'
import { PLAIN, type Content } from './session-format.js'

/**
 * Rewrites a session's file in another format: one replacement of one file, so that there is never
 * a second copy. What the former format kept elsewhere (a key in the keyring) is removed after it.
 *
 * @returns whether it was rewritten: `false` if there is no session, or it has that format;
 * `changed` if another process came in between
 * @throws TokenStoreError if neither format can read what is there; what the file system throws
 * @internal
 */
export async function moveWithinFile(
  from: SessionFile,
  to: SessionFile,
  lease: Lease,
): Promise<boolean | 'changed'> {
  const removeLeftovers = await findLeftovers(to.path)
  const found = await readSessionFile(from)
  if (!found.session?.tokens) {
    if (found.damage) await finishEarlierMove(from, to, found.damage)
    return false
  }
  const before = await readSessionFile(to)
  if (before.session) return false
  const content = await verifiedContent(to, found.session)
  // Whoever has the lease now may have sent the refresh token, and must find its record to save.
  if (!lease.isHeld()) return 'changed'
  const text = (write: string) => textOf(write, content)
  if (!(await replaceFile(to.path, found.key, text, { isDurable: true }))) return 'changed'
  await removeLeftovers() // those of a killed process may hold the tokens in the former format
  await from.format.forget?.(() => contentOfFile(to))
  return true
}

/** An earlier run may have been killed after the file was replaced, and before the key was removed. */
async function finishEarlierMove(
  from: SessionFile,
  to: SessionFile,
  damage: TokenStoreError,
): Promise<void> {
  const { session } = await readSessionFile(to)
  if (!session) throw damage
  await from.format.forget?.(() => contentOfFile(to))
}

async function contentOfFile(file: SessionFile): Promise<Content | undefined> {
  return (await readSessionFile({ ...file, format: PLAIN })).content
}

/** Read back before it takes the place of what is there: afterwards there is no other copy. */
async function verifiedContent({ path, format }: SessionFile, session: StoredSession) {
  const content: Content = await format.encode(session, undefined)
  const readBack = readSession(await format.decode(content)).session
  if (readBack?.version === session.version) return content
  throw new TokenStoreError(`The session was written to ${path} but could not be read back`, {
    operation: 'save',
  })
}
