import { tablesOf } from './tables.js'

/**
 * Each is one step on the server, and a transaction of its own: nothing is kept on a connection, so
 * that a pooler may give each statement another one. Times are the server's.
 */
export interface Statements {
  readonly read: string
  readonly insert: string
  readonly update: string
  readonly setAside: string
  readonly acquire: string
  readonly renew: string
  readonly release: string
}

/** One for each table. */
const known = new Map<string, Statements>()

/** @internal */
export function statementsFor(table: string): Statements {
  const found = known.get(table)
  if (found) return found
  const made = statements(table)
  known.set(table, made)
  return made
}

function statements(table: string): Statements {
  const { sessions, leases } = tablesOf(table)
  const inMs = (parameter: string) => `now() + ${parameter}::float8 * interval '1 ms'`
  const isFree = `held.owner = $2::uuid or held.expires_at <= now() or held.expires_at > ${inMs('2 * $3')}`
  return {
    // $1 key
    read: `select version::text, session from ${sessions} where key = $1 and expires_at > now()`,

    // $1 key, $2 version, $3 session, $4 how long it stays
    insert: `
      insert into ${sessions} as stored (key, version, session, expires_at)
      values ($1, $2, $3, ${inMs('$4')})
      on conflict (key) do update
      set version = excluded.version, session = excluded.session, expires_at = excluded.expires_at
      where stored.expires_at <= now()
      returning 1`,

    // $1 key, $2 version, $3 session, $4 how long it stays, $5 the version that it replaces
    update: `
      update ${sessions} set version = $2, session = $3, expires_at = ${inMs('$4')}
      where key = $1 and version = $5 and expires_at > now()
      returning 1`,

    // $1 key, $2 version and $3 session as they were seen
    setAside: `
      update ${sessions} set damaged = session, expires_at = now()
      where key = $1 and version = $2 and session = $3 and expires_at > now()
      returning 1`,

    // $1 key, $2 owner, $3 how long, $4 the version of a record that need not be told. Where another
    // has the lease it only reads: whoever waits asks often. A lease that ends later than any can was
    // taken before the server's clock was set back.
    acquire: `
      with taken as (
        insert into ${leases} as held (key, owner, expires_at)
        select $1, $2::uuid, ${inMs('$3')}
        where not exists (select from ${leases} as held where key = $1 and not (${isFree}))
        on conflict (key) do update set owner = excluded.owner, expires_at = excluded.expires_at
        where ${isFree}
        returning 1
      )
      select exists (select from taken) as is_ours, stored.version::text as version,
        case when stored.version = $4::bigint then null else stored.session end as session
      from (select) as always
      left join ${sessions} as stored on stored.key = $1 and stored.expires_at > now()`,

    // $1 key, $2 owner, $3 how long
    renew: `
      update ${leases} set expires_at = ${inMs('$3')} where key = $1 and owner = $2 returning 1`,

    // $1 key, $2 owner
    release: `delete from ${leases} where key = $1 and owner = $2`,
  }
}
