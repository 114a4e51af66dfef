import { anObject, check, checkOptions, checkValue, isFunction, isObject } from '../../checks.js'
import { codecOf, type StoreEncryption } from '../server/codec.js'
import { aRecordName, aTtl, DEFAULT_TTL_MS } from '../server/option-checks.js'
import { ServerStore } from '../server/server-store.js'
import type { TokenStore } from '../token-store.js'
import type { PostgresPool } from './pool.js'
import { PostgresServer } from './postgres-server.js'
import { aTable, DEFAULT_TABLE } from './tables.js'

/** @public */
export interface PostgresStoreOptions {
  /**
   * A `Pool` of `pg` (8 or later), or what speaks as it does. One for all sessions. PgBouncer may
   * stand before the server, in transaction mode too.
   */
  pool: PostgresPool
  /**
   * Names the session, such as `` `session:${session.id}` ``; no two sessions have the same, and one
   * name is one session, whatever is in it.
   */
  key: string
  /** The table that `postgresSchema({ table })` made. @default 'tokenward_sessions' */
  table?: string | undefined
  /**
   * How long a session stays that nobody refreshes, in milliseconds: each save begins it again. A
   * sign-out stays as long. What has expired counts as gone, and its user must log in again.
   *
   * @default 2_592_000_000 (30 days)
   */
  ttlMs?: number | undefined
  /**
   * Encrypts what is stored, by AES-256-GCM: whoever reads the database or its backups finds no
   * tokens, and a record put in another's place is not decrypted. Versions stay readable.
   *
   * @default what is stored can be read
   */
  encryption?: StoreEncryption | undefined
}

/**
 * One session in Postgres, for web apps of several processes or machines: who shares the key shares
 * the session, and one at a time renews it. Make one for each session, over one pool. The tables are
 * those of `postgresSchema()`.
 *
 * What cannot be read or written in time is a `TokenStoreError`; a usable token goes on being used
 * in the meantime. A refresh takes six short statements and holds no connection between them.
 *
 * @example
 * const store = postgresStore({ pool, key: `session:${session.id}` })
 *
 * @throws TokenOptionsError for what is no pool, an empty key, or an unknown option
 * @public
 */
export function postgresStore(options: PostgresStoreOptions): TokenStore {
  checkOptions('postgresStore', options, OPTIONS)
  checkValue('postgresStore', 'pool', options.pool, OPTIONS.pool)
  checkValue('postgresStore', 'key', options.key, OPTIONS.key)
  const { pool, key, table = DEFAULT_TABLE, ttlMs = DEFAULT_TTL_MS, encryption } = options
  const server = new PostgresServer(pool, table, key, ttlMs)
  return new ServerStore(server, codecOf('postgresStore', key, encryption))
}

const OPTIONS = {
  pool: check(
    'a Pool of pg',
    (value) => isObject(value) && isFunction(Reflect.get(value, 'query')),
  ),
  key: aRecordName,
  table: aTable,
  ttlMs: aTtl,
  encryption: anObject,
}
