import type { TokenStoreError } from '../../errors.js'
import type { StoredSession } from '../token-store.js'
import { redisError } from './failures.js'
import type { RedisSettings } from './options.js'
import { rawRecord, readRecord, textOf, type RawRecord } from './record.js'
import { READ, SAVE, SET_ASIDE } from './scripts.js'

/**
 * The record of one session in Redis. What clients throw goes through as it is.
 *
 * @internal
 */
export class RedisRecords {
  readonly #settings: RedisSettings
  /** What was last read or written here. */
  seen: StoredSession | undefined

  constructor(settings: RedisSettings) {
    this.#settings = settings
  }

  async load(): Promise<StoredSession | undefined> {
    this.seen = this.read(await this.#found())
    return this.seen
  }

  /** @throws TokenStoreError `damaged` or `undecryptable` */
  read(raw: RawRecord): StoredSession | undefined {
    return readRecord(raw, this.#settings.codec)
  }

  async save(session: StoredSession, ifVersion: number | undefined): Promise<boolean> {
    const { run, keys, ttlMs, codec } = this.#settings
    const condition = ifVersion === undefined ? '' : String(ifVersion)
    const args = [condition, String(session.version), codec.encode(session), String(ttlMs)]
    const save = async () => isYes(await run(SAVE, [keys.record], args))
    const isSaved =
      (await save()) || (ifVersion === undefined && (await this.#setAside()) && (await save()))
    if (isSaved) this.seen = session
    return isSaved
  }

  /**
   * What cannot be read counts as nothing for who replaces it, and is kept.
   *
   * @returns whether it was so
   */
  async #setAside(): Promise<boolean> {
    const { run, keys, ttlMs } = this.#settings
    let found: RawRecord = { version: undefined, session: undefined }
    try {
      found = await this.#found()
      this.read(found)
      return false
    } catch (error) {
      if (!isUnreadable(redisError(error, 'load', keys.record))) throw error
    }
    const args = [found.version ?? '', found.session ?? '', String(ttlMs)]
    return isYes(await run(SET_ASIDE, [keys.record, keys.damaged], args))
  }

  async #found(): Promise<RawRecord> {
    const { run, keys } = this.#settings
    const [version, session] = (await run(READ, [keys.record], [])) as unknown[]
    return rawRecord(version, session)
  }
}

function isYes(reply: unknown): boolean {
  return textOf(reply) === '1'
}

function isUnreadable({ reason }: TokenStoreError): boolean {
  return reason === 'damaged' || reason === 'undecryptable'
}
