import { existsSync } from 'node:fs'
import { findProgram } from '../find-program.js'

/** What Debian's packages `glewlwyd` and `sqlite3` put on a machine. */
export interface Installation {
  readonly server: string
  /** The shell of SQLite. */
  readonly sqlite: string
  /** The SQL that makes the server's database, as shipped with it; gzipped or not. */
  readonly schema: string
  /** The folder of what the server loads. */
  readonly modules: string
}

const MODULES = '/usr/lib/glewlwyd'

/** The same statements twice: images without `/usr/share/doc` have only the second. */
const SCHEMAS = [
  '/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz',
  '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3',
]

/** @throws Error saying what is missing */
export function findInstallation(): Installation {
  const found = {
    server: findProgram('glewlwyd'),
    sqlite: findProgram('sqlite3'),
    schema: SCHEMAS.find((path) => existsSync(path)),
    modules: existsSync(MODULES) ? MODULES : undefined,
  }
  const missing = Object.entries(found).filter(([, path]) => path === undefined)
  if (missing.length === 0) return found as Installation
  const names = missing.map(([name]) => name).join(', ')
  throw new Error(`Debian's glewlwyd and sqlite3 are not installed: no ${names}`)
}

/** Why there is nothing to start, if there is not. */
export function missingOfInstallation(): string | undefined {
  try {
    findInstallation()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
