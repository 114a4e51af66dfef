import { TokenStoreError } from '../../errors.js'

/**
 * What is used of a `Pool` of `pg` (8 and later). Drivers that speak as it does will do as well,
 * such as `@neondatabase/serverless` and PGlite.
 *
 * @public
 */
export interface PostgresPool {
  query(text: string, values: unknown[]): Promise<{ rows: unknown[] }>
}

export type Row = Record<string, unknown>

/** A statement that lost against another one: what it found is no more, and it looks again. */
const LOST_RACE = new Set(['40001', '40P01'])
const MOST_TRIES = 5

/**
 * @returns the rows; what the driver throws goes through as it is
 * @internal
 */
export async function query(pool: PostgresPool, text: string, values: unknown[]): Promise<Row[]> {
  for (let tries = 1; ; tries++) {
    try {
      return rowsOf(await pool.query(text, values))
    } catch (error) {
      // Only where an app's default isolation is stricter than Postgres' own.
      const isLostRace = LOST_RACE.has(String((error as { code?: unknown }).code))
      if (!isLostRace || tries === MOST_TRIES) throw error
    }
  }
}

function rowsOf(result: unknown): Row[] {
  const rows = (result as { rows?: unknown } | undefined)?.rows
  if (Array.isArray(rows)) return rows as Row[]
  throw new TokenStoreError("postgresStore: the pool's query() must resolve to { rows }", {
    operation: 'load',
    isTransient: false,
  })
}
