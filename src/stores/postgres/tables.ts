import { check, checkOptions } from '../../checks.js'

/** @internal */
export const DEFAULT_TABLE = 'tokenward_sessions'

/** Postgres cuts longer ones, and the leases' table has the longer name. */
const LONGEST_NAME = 63 - '_leases'.length

/** With or without the name of its schema before it. @internal */
export const aTable = check(
  "a table's name of letters, digits and underscores, such as 'tokenward_sessions' or 'app.sessions'",
  (value) =>
    typeof value === 'string' &&
    /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)?$/.test(value) &&
    value.split('.').every((part) => part.length <= LONGEST_NAME),
)

/** @public */
export interface PostgresSchemaOptions {
  /** As `postgresStore` is given it. @default 'tokenward_sessions' */
  table?: string | undefined
}

/**
 * The statements that create what `postgresStore` needs, for your migrations: a table of sessions,
 * and one of leases, which is not logged: no lease matters after a crash. They change nothing where
 * the tables are already there.
 *
 * @throws TokenOptionsError for what is no table's name
 * @public
 */
export function postgresSchema(options: PostgresSchemaOptions = {}): string {
  checkOptions('postgresSchema', options, { table: aTable })
  const { sessions, leases } = tablesOf(options.table)
  return `create table if not exists ${sessions} (
  key text collate "C" primary key,
  version bigint not null,
  session text not null,
  damaged text,
  expires_at timestamptz not null
) with (fillfactor = 70);

create unlogged table if not exists ${leases} (
  key text collate "C" primary key,
  owner uuid not null,
  expires_at timestamptz not null
) with (fillfactor = 70);
`
}

/** The two tables, quoted for SQL. @internal */
export function tablesOf(table = DEFAULT_TABLE) {
  const quoted = (name: string) => name.replace(/\w+/g, '"$&"')
  return { sessions: quoted(table), leases: quoted(`${table}_leases`) }
}
