import type { StoredSession } from '../token-store.js'
import type { SessionCodec } from './codec.js'
import { isUnreadable, tooLarge } from './failures.js'
import { LONGEST_RECORD, readRecord, type RawRecord } from './record.js'
import type { RecordServer } from './record-server.js'

/**
 * The record of one session on a server. What clients throw goes through as it is.
 *
 * @internal
 */
export class ServerRecords {
  readonly #server: RecordServer
  readonly #codec: SessionCodec
  /** What was last read or written here. */
  seen: StoredSession | undefined

  constructor(server: RecordServer, codec: SessionCodec) {
    this.#server = server
    this.#codec = codec
  }

  async load(): Promise<StoredSession | undefined> {
    this.seen = this.decode(await this.#server.read())
    return this.seen
  }

  /** @throws TokenStoreError `damaged` or `undecryptable` */
  decode(raw: RawRecord): StoredSession | undefined {
    return readRecord(raw, this.#codec)
  }

  async save(session: StoredSession, ifVersion: number | undefined): Promise<boolean> {
    const record = { version: String(session.version), session: this.#codec.encode(session) }
    if (record.session.length > LONGEST_RECORD) throw tooLarge()
    const condition = ifVersion === undefined ? undefined : String(ifVersion)
    const write = () => this.#server.write(record, condition)
    const isSaved =
      (await write()) ||
      (condition === undefined && (await this.#setAsideUnreadable()) && (await write()))
    if (isSaved) this.seen = session
    return isSaved
  }

  /** @returns whether what is stored could not be read, and is out of the way now */
  async #setAsideUnreadable(): Promise<boolean> {
    let found: RawRecord = { version: undefined, session: undefined }
    try {
      found = await this.#server.read()
      this.decode(found)
      return false
    } catch (error) {
      if (!isUnreadable(this.#server.errorOf(error, 'load'))) throw error
    }
    return this.#server.setAside(found)
  }
}
