import { join } from 'node:path'
import { runBy } from '../../package/support/runtimes.js'
import { describeStore } from './describe-store.js'

/** In the one file of tests that installs the runtimes: two at once would be in each other's way. */
export function describeSqlite(): void {
  describeStore({
    name: 'SQLite, with node:sqlite',
    open: `
      import { DatabaseSync } from 'node:sqlite'
      import { sqliteStore } from './sqlite-store.js'
      export const open = (name) => sqliteStore(new DatabaseSync(process.argv[2]), name)
      export const close = () => undefined
    `,
    databaseIn: (folder) => join(folder, 'app.db'),
    run: (...what) => runBy('Node 22', ...what), // Node 20 has no `node:sqlite`
  })
}
