import type { TokenStoreError } from '../../errors.js'
import type { RawRecord } from '../server/record.js'
import type { NewRecord, RecordServer } from '../server/record-server.js'
import { postgresError } from './failures.js'
import { query, type PostgresPool, type Row } from './pool.js'
import { rowName } from './row-name.js'
import { statementsFor, type Statements } from './statements.js'

/** The record and the lease of one session in Postgres. @internal */
export class PostgresServer implements RecordServer {
  readonly name = 'Postgres'
  readonly #pool: PostgresPool
  readonly #statements: Statements
  readonly #session: string
  readonly #key: string
  readonly #ttlMs: number

  constructor(pool: PostgresPool, table: string, session: string, ttlMs: number) {
    this.#pool = pool
    this.#statements = statementsFor(table)
    this.#session = session
    this.#key = rowName(session)
    this.#ttlMs = ttlMs
  }

  async read(): Promise<RawRecord> {
    const [row] = await this.#run('read')
    return rawRecord(row)
  }

  async write({ version, session }: NewRecord, ifVersion?: string): Promise<boolean> {
    const values = [version, session, this.#ttlMs]
    const rows =
      ifVersion === undefined
        ? await this.#run('insert', ...values)
        : await this.#run('update', ...values, ifVersion)
    return rows.length > 0
  }

  async setAside({ version, session }: RawRecord): Promise<boolean> {
    return (await this.#run('setAside', version, session)).length > 0
  }

  async acquire(
    owner: string,
    durationMs: number,
    knownVersion?: string,
  ): Promise<RawRecord | undefined> {
    const [row] = await this.#run('acquire', owner, durationMs, knownVersion ?? null)
    return row?.is_ours === true ? undefined : rawRecord(row)
  }

  async renew(owner: string, durationMs: number): Promise<boolean> {
    return (await this.#run('renew', owner, durationMs)).length > 0
  }

  release(owner: string): Promise<unknown> {
    return this.#run('release', owner)
  }

  errorOf(thrown: unknown, operation: TokenStoreError['operation']): TokenStoreError {
    return postgresError(thrown, operation, [this.#session, this.#key])
  }

  #run(statement: keyof Statements, ...values: unknown[]): Promise<Row[]> {
    return query(this.#pool, this.#statements[statement], [this.#key, ...values])
  }
}

function rawRecord(row: Row | undefined): RawRecord {
  return { version: textOf(row?.version), session: textOf(row?.session) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
