import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where Debian's package puts what glewlwyd loads. */
export const MODULES = '/usr/lib/glewlwyd'

/** The same statements twice: images without `/usr/share/doc` have only the second. */
const SCHEMAS = [
  '/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz',
  '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3',
]

/** The SQL that makes glewlwyd's database, as shipped with it. */
export function findSchema(): string | undefined {
  return SCHEMAS.find((path) => existsSync(path))
}

/** What of Debian's packages `glewlwyd` and `sqlite3` is not on this machine, if anything. */
export function missingOfGlewlwyd(): string | undefined {
  const missing = [
    ...['glewlwyd', 'sqlite3'].filter((program) => !isOnPath(program)),
    ...(existsSync(MODULES) ? [] : [MODULES]),
    ...(findSchema() === undefined ? [SCHEMAS[0]] : []),
  ]
  return missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
