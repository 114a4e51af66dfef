import { setTimeout as delay } from 'node:timers/promises'
import type { Pool, ResultSetHeader, RowDataPacket } from 'mysql2/promise'
import type { StoredSession, TokenStore } from 'tokenward'

/** Run it once. Names are bytes: to most collations of MySQL, `ANNA` is the user `anna`. */
export const SESSIONS_TABLE = `
  CREATE TABLE IF NOT EXISTS sessions (
    name VARBINARY(255) PRIMARY KEY,
    version BIGINT,
    record LONGTEXT CHARACTER SET utf8mb4,
    lease_owner CHAR(36),
    lease_until DATETIME(3) NOT NULL DEFAULT '1970-01-01'
  )
`

/** A lease is free again so long after its process was killed. */
const LEASE_MS = 5_000
const RENEW_MS = 1_500
const LOOK_AGAIN_MS = 50

/** By the server's clock, when the statement began: then it may have waited for another one. */
const NOW = 'UTC_TIMESTAMP(3)'
const LATER = `${NOW} + INTERVAL ${LEASE_MS / 1_000} SECOND`
/** A lease that ends later than any can was taken before the clock was set back. */
const LATEST = `${NOW} + INTERVAL ${LEASE_MS / 500} SECOND`

/**
 * One session, in a database that all processes use. Nothing is kept on a connection.
 *
 * @param name - of 255 bytes at most: a server that is not strict would cut it, and mix two sessions
 */
export function mysqlStore(pool: Pool, name: string): TokenStore {
  if (Buffer.byteLength(name) > 255) throw new RangeError('The name of the session is too long')
  const wasChanged = async (sql: string, ...values: (string | number)[]) => {
    const [{ affectedRows }] = await pool.execute<ResultSetHeader>(sql, values)
    return affectedRows === 1
  }
  const makeRow = () =>
    wasChanged('INSERT INTO sessions (name) VALUES (?)', name).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== 'ER_DUP_ENTRY') throw error
    })

  const take = (owner: string) =>
    wasChanged(
      `UPDATE sessions SET lease_owner = ?, lease_until = ${LATER}
       WHERE name = ? AND lease_until NOT BETWEEN ${NOW} AND ${LATEST}`,
      ...[owner, name],
    )
  const renew = (owner: string) =>
    wasChanged(
      `UPDATE sessions SET lease_until = ${LATER} WHERE name = ? AND lease_owner = ?`,
      ...[name, owner],
    )
  const release = (owner: string) =>
    wasChanged(
      'UPDATE sessions SET lease_owner = NULL, lease_until = DEFAULT WHERE name = ? AND lease_owner = ?',
      ...[name, owner],
    )

  return {
    async load() {
      const sql = 'SELECT record FROM sessions WHERE name = ? AND version IS NOT NULL'
      const [[row]] = await pool.execute<RowDataPacket[]>(sql, [name])
      return row && (JSON.parse((row as { record: string }).record) as StoredSession)
    },

    async save(session, { ifVersion }) {
      const values = [session.version, JSON.stringify(session), name]
      const sql = 'UPDATE sessions SET version = ?, record = ? WHERE name = ? AND version'
      if (ifVersion !== undefined) return wasChanged(`${sql} = ?`, ...values, ifVersion)
      await makeRow()
      return wasChanged(`${sql} IS NULL`, ...values)
    },

    async exclusive(task, { signal } = {}) {
      const owner = crypto.randomUUID()
      await makeRow()
      let heldUntil: number
      for (;;) {
        heldUntil = performance.now() + LEASE_MS
        if (await take(owner)) break
        await delay(LOOK_AGAIN_MS * (0.5 + Math.random()), undefined, { signal })
      }
      const timer = setInterval(() => {
        const until = performance.now() + LEASE_MS
        renew(owner).then(
          (isOurs) => isOurs && (heldUntil = until),
          () => undefined, // it is tried again, and lost in the end
        )
      }, RENEW_MS).unref()
      try {
        return await task({ isHeld: () => performance.now() < heldUntil })
      } finally {
        clearInterval(timer)
        heldUntil = -Infinity
        await release(owner).catch(() => undefined) // it ends by itself
      }
    },
  }
}
