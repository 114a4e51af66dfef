import { readSession } from '../stored-session.js'
import type { RecordEncryption } from '../sealing/sealing.js'
import type { StoredSession } from '../token-store.js'
import { damagedRecord } from './failures.js'

/** A record as Redis holds it: the fields of one hash. Both `undefined`: there is none. */
export interface RawRecord {
  /** In clear, for scripts to compare. */
  readonly version: string | undefined
  /** JSON, or sealed. */
  readonly session: string | undefined
}

/** What a script answers for the two fields. @internal */
export function rawRecord(version: unknown, session: unknown): RawRecord {
  return { version: textOf(version), session: textOf(session) }
}

/** A client may be set up to give bytes for text, or text for numbers. @internal */
export function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined || value === false) return undefined
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  return typeof value === 'number' ? String(value) : (value as string)
}

/** How a session becomes text, and how it is found again. */
export interface SessionCodec {
  encode(session: StoredSession): string
  /** @throws TokenStoreError `damaged` or `undecryptable` */
  decode(text: string): unknown
}

/** In clear. @internal */
export const JSON_CODEC: SessionCodec = {
  encode: (session) => JSON.stringify(session),
  decode: (text) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw damagedRecord('not valid JSON')
    }
  },
}

/** Encrypted for this key of Redis alone. @internal */
export function sealedCodec(sealing: RecordEncryption, key: string): SessionCodec {
  return {
    encode: (session) => sealing.seal(session, key),
    decode: (text) => sealing.open(text, key),
  }
}

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
  const found = readSession(codec.decode(session))
  if (!found.session) throw found.damage ?? damagedRecord('it is empty')
  if (String(found.version) !== version) throw damagedRecord('its versions differ')
  return found.session
}
