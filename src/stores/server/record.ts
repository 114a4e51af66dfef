import { readSession } from '../stored-session.js'
import type { StoredSession } from '../token-store.js'
import type { SessionCodec } from './codec.js'
import { damagedRecord } from './failures.js'

/** A record as a server holds it. Both `undefined`: there is none. */
export interface RawRecord {
  /** In clear, for the server to compare. */
  readonly version: string | undefined
  /** JSON, or encrypted. */
  readonly session: string | undefined
}

/** Four times a token response of the size that is read at most: what is longer is none of ours. */
export const LONGEST_RECORD = 4_000_000

/**
 * @throws TokenStoreError `damaged`; what the codec throws
 * @internal
 */
export function readRecord(
  { version, session }: RawRecord,
  codec: SessionCodec,
): StoredSession | undefined {
  if (version === undefined && session === undefined) return undefined
  if (version === undefined || session === undefined) throw damagedRecord('a field is missing')
  if (session.length > LONGEST_RECORD) throw damagedRecord('it is larger than 4 MB')
  const found = readSession(codec.decode(session))
  if (!found.session) throw found.damage ?? damagedRecord('it is empty')
  if (String(found.version) !== version) throw damagedRecord('its versions differ')
  return found.session
}
