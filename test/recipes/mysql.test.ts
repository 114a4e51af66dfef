import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll } from 'vitest'
import { describeWithMariaDb, startMariaDb, type MariaDbServer } from '../support/mariadb/server.js'
import { describeStore } from './support/describe-store.js'

const run = promisify(execFile)

describeWithMariaDb('with a MariaDB of its own', () => {
  let server: MariaDbServer
  beforeAll(async () => void (server = await startMariaDb()), 60_000)
  afterAll(() => server?.stop())

  describeStore({
    name: 'MySQL',
    open: `
      import { createPool } from 'mysql2/promise'
      import { mysqlStore, SESSIONS_TABLE } from './mysql-store.js'
      const pool = createPool(process.argv[2])
      await pool.query(SESSIONS_TABLE)
      export const open = (name) => mysqlStore(pool, name)
      export const close = () => pool.end()
    `,
    databaseIn: () => server.url,
    run: async (folder, file, args) => {
      const { stdout } = await run(process.execPath, [join(folder, file), ...args])
      return JSON.parse(stdout)
    },
  })
})
