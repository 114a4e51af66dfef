import { setTimeout as delay } from 'node:timers/promises'
import type { StoredSession, TokenStore } from 'tokenward'

/** What `better-sqlite3` and `node:sqlite` have in common. */
export interface SqliteDatabase {
  exec(sql: string): unknown
  prepare(sql: string): {
    get(...values: unknown[]): unknown
    run(...values: unknown[]): { changes: number | bigint }
  }
}

/** A lease is free again so long after its process was killed. */
const LEASE_MS = 5_000
const RENEW_MS = 1_500
const LOOK_AGAIN_MS = 50

/** The timeout first: several processes may make the tables at once. */
const TABLES = `
  PRAGMA busy_timeout = 2000;
  PRAGMA journal_mode = WAL;
  BEGIN IMMEDIATE;
  CREATE TABLE IF NOT EXISTS sessions (name TEXT PRIMARY KEY, version INTEGER, record TEXT);
  CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, owner TEXT, until INTEGER);
  COMMIT;
`

/** One session, in a database that all processes of this machine open. */
export function sqliteStore(database: SqliteDatabase, name: string): TokenStore {
  database.exec(TABLES)
  const wasChanged = (sql: string, ...values: (string | number)[]) =>
    Number(database.prepare(sql).run(...values).changes) === 1

  const take = (owner: string) =>
    wasChanged(
      `INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE
       SET owner = excluded.owner, until = excluded.until WHERE leases.until < ?`,
      ...[name, owner, Date.now() + LEASE_MS, Date.now()],
    )
  const renew = (owner: string) =>
    wasChanged(
      'UPDATE leases SET until = ? WHERE name = ? AND owner = ?',
      ...[Date.now() + LEASE_MS, name, owner],
    )

  return {
    async load() {
      const row = database.prepare('SELECT record FROM sessions WHERE name = ?').get(name)
      return row ? (JSON.parse((row as { record: string }).record) as StoredSession) : undefined
    },

    async save(session, { ifVersion }) {
      const record = JSON.stringify(session)
      return ifVersion === undefined
        ? wasChanged(
            'INSERT INTO sessions VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING',
            ...[name, session.version, record],
          )
        : wasChanged(
            'UPDATE sessions SET version = ?, record = ? WHERE name = ? AND version = ?',
            ...[session.version, record, name, ifVersion],
          )
    },

    async exclusive(task, { signal } = {}) {
      const owner = crypto.randomUUID()
      let heldUntil: number
      for (;;) {
        heldUntil = performance.now() + LEASE_MS
        if (take(owner)) break
        await delay(LOOK_AGAIN_MS * (0.5 + Math.random()), undefined, { signal })
      }
      const timer = setInterval(() => {
        const until = performance.now() + LEASE_MS
        try {
          if (renew(owner)) heldUntil = until
        } catch {
          // It is tried again, and lost in the end.
        }
      }, RENEW_MS).unref()
      try {
        return await task({ isHeld: () => performance.now() < heldUntil })
      } finally {
        clearInterval(timer)
        heldUntil = -Infinity
        database.prepare('DELETE FROM leases WHERE name = ? AND owner = ?').run(name, owner)
      }
    },
  }
}
