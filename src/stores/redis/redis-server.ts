import type { TokenStoreError } from '../../errors.js'
import type { RawRecord } from '../server/record.js'
import type { NewRecord, RecordServer } from '../server/record-server.js'
import type { RunScript } from './client.js'
import { redisError } from './failures.js'
import { keysOf, type RedisKeys } from './keys.js'
import { ACQUIRE, READ, RELEASE, RENEW, SAVE, SET_ASIDE } from './scripts.js'

/** The record and the lease of one session in Redis. @internal */
export class RedisServer implements RecordServer {
  readonly name = 'Redis'
  readonly #run: RunScript
  readonly #session: string
  readonly #keys: RedisKeys
  readonly #ttlMs: string

  constructor(run: RunScript, session: string, ttlMs: number) {
    this.#run = run
    this.#session = session
    this.#keys = keysOf(session)
    this.#ttlMs = String(ttlMs)
  }

  async read(): Promise<RawRecord> {
    const [version, session] = (await this.#run(READ, [this.#keys.record], [])) as unknown[]
    return rawRecord(version, session)
  }

  async write({ version, session }: NewRecord, ifVersion = ''): Promise<boolean> {
    const args = [ifVersion, version, session, this.#ttlMs]
    return isYes(await this.#run(SAVE, [this.#keys.record], args))
  }

  async setAside({ version = '', session = '' }: RawRecord): Promise<boolean> {
    const { record, damaged } = this.#keys
    return isYes(await this.#run(SET_ASIDE, [record, damaged], [version, session, this.#ttlMs]))
  }

  async acquire(
    owner: string,
    durationMs: number,
    knownVersion = '',
  ): Promise<RawRecord | undefined> {
    const { lease, record } = this.#keys
    const reply = await this.#run(ACQUIRE, [lease, record], [owner, `${durationMs}`, knownVersion])
    const [isOurs, version, session] = reply as unknown[]
    return isYes(isOurs) ? undefined : rawRecord(version, session)
  }

  async renew(owner: string, durationMs: number): Promise<boolean> {
    return isYes(await this.#run(RENEW, [this.#keys.lease], [owner, `${durationMs}`]))
  }

  release(owner: string): Promise<unknown> {
    return this.#run(RELEASE, [this.#keys.lease], [owner])
  }

  errorOf(thrown: unknown, operation: TokenStoreError['operation']): TokenStoreError {
    return redisError(thrown, operation, [this.#session, this.#keys.record])
  }
}

function isYes(reply: unknown): boolean {
  return textOf(reply) === '1'
}

/** The session has a sign before it: see the scripts. */
function rawRecord(version: unknown, session: unknown): RawRecord {
  return { version: textOf(version), session: textOf(session)?.slice(1) }
}

/** A client may be set up to give bytes for text, or numbers for what looks like one. */
function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined || value === false) return undefined
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  return typeof value === 'number' ? String(value) : (value as string)
}
