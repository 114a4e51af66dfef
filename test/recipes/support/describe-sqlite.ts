import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { runBy } from '../../package/support/runtimes.js'
import { projectOf } from './program.js'

/** Node 20 has no `node:sqlite`. */
const RUNTIME = 'Node 22'

/** The contract, in a runner that counts. */
const CONTRACT = `
import { DatabaseSync } from 'node:sqlite'
import { testTokenStore } from 'tokenward/testing'
import { sqliteStore } from './sqlite-store.js'

const file = process.argv[2]
const tests = []
testTokenStore('sqlite', (name) => sqliteStore(new DatabaseSync(file), name), {
  describe: (_name, define) => define(),
  it: (name, run) => tests.push({ name, run }),
})
const failed = await Promise.all(
  tests.map(({ name, run }) => run().then(() => [], (error) => [name + ': ' + error])),
)
console.log(JSON.stringify({ passed: tests.length - failed.flat().length, failed: failed.flat() }))
`

/** A process that renews once, with a lease that another one may have left behind. */
const RENEWAL = `
import { appendFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { TokenManager } from 'tokenward'
import { sqliteStore } from './sqlite-store.js'

const [file, log, isKilled] = process.argv.slice(2)
const tokens = new TokenManager({
  store: sqliteStore(new DatabaseSync(file), 'user'),
  initialTokens: { accessToken: 'at-1', refreshToken: 'rt-1', expiresAt: 1 },
  refresh: async ({ refreshToken }) => {
    if (isKilled) process.exit(0) // in the middle of its refresh
    appendFileSync(log, refreshToken + '\\n')
    await new Promise((resolve) => setTimeout(resolve, 300))
    return { accessToken: 'at-2', refreshToken: 'rt-2', expiresIn: 300 }
  },
})
console.log(JSON.stringify(await tokens.getAccessToken()))
`

/** In the one file of tests that installs the runtimes: two at once would be in each other's way. */
export function describeSqlite(): void {
  describe('the recipe for SQLite, with node:sqlite', () => {
    let folder: string
    beforeAll(() => {
      folder = projectOf('sqlite', { type: 'module' })
      writeFileSync(join(folder, 'contract.js'), CONTRACT)
      writeFileSync(join(folder, 'renewal.js'), RENEWAL)
    })

    it('keeps the contract of a store', async () => {
      const result = await runBy(RUNTIME, folder, 'contract.js', [join(folder, 'contract.db')])
      expect(result).toEqual({ passed: expect.any(Number), failed: [] })
      expect((result as { passed: number }).passed).toBeGreaterThan(10)
    })

    it('makes one token request for four processes', async () => {
      const [file, log] = [join(folder, 'renewal.db'), join(folder, 'renewal.log')]
      const renew = () => runBy(RUNTIME, folder, 'renewal.js', [file, log])
      expect(await Promise.all([renew(), renew(), renew(), renew()])).toEqual(Array(4).fill('at-2'))
      expect(readFileSync(log, 'utf8')).toBe('rt-1\n')
    })

    it('frees the lease of a process that was killed', async () => {
      const [file, log] = [join(folder, 'killed.db'), join(folder, 'killed.log')]
      await runBy(RUNTIME, folder, 'renewal.js', [file, log, 'killed']).catch(() => undefined)
      expect(await runBy(RUNTIME, folder, 'renewal.js', [file, log])).toBe('at-2')
    })
  })
}
