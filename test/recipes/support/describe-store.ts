import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { projectOf } from './program.js'

/** The contract, in a runner that counts. */
const CONTRACT = `
import { testTokenStore } from 'tokenward/testing'
import { close, open } from './open.js'

const tests = []
testTokenStore('a recipe', open, {
  describe: (_name, define) => define(),
  it: (name, run) => tests.push({ name, run }),
})
const failed = await Promise.all(
  tests.map(({ name, run }) => run().then(() => [], (error) => [name + ': ' + error])),
)
console.log(JSON.stringify({ passed: tests.length - failed.flat().length, failed: failed.flat() }))
close()
`

/** A process that renews once, with a lease that another one may have left behind. */
const RENEWAL = `
import { appendFileSync } from 'node:fs'
import { TokenManager } from 'tokenward'
import { close, open } from './open.js'

const [, name, log, isKilled] = process.argv.slice(2)
const tokens = new TokenManager({
  store: open(name),
  initialTokens: { accessToken: 'at-1', refreshToken: 'rt-1', expiresAt: 1 },
  refresh: async ({ refreshToken }) => {
    if (isKilled) process.kill(process.pid, 'SIGKILL') // in the middle of its refresh
    appendFileSync(log, refreshToken + '\\n')
    await new Promise((resolve) => setTimeout(resolve, 300))
    return { accessToken: 'at-2', refreshToken: 'rt-2', expiresIn: 300 }
  },
})
console.log(JSON.stringify(await tokens.getAccessToken()))
await tokens.close()
close()
`

interface StoreRecipe {
  readonly name: string
  /** A module that exports `open(name)` and `close()`; the database is its first argument. */
  readonly open: string
  readonly databaseIn: (folder: string) => string
  /** Runs a file of the folder. @returns what it prints, read as JSON */
  readonly run: (folder: string, file: string, args: string[]) => Promise<unknown>
}

/** What a store of the recipes is taken through. */
export function describeStore({ name, open, databaseIn, run }: StoreRecipe): void {
  describe(`the recipe for ${name}`, () => {
    let folder: string
    let database: string
    beforeAll(() => {
      folder = projectOf(name, { type: 'module' })
      database = databaseIn(folder)
      for (const [file, code] of Object.entries({ open, contract: CONTRACT, renewal: RENEWAL })) {
        writeFileSync(join(folder, `${file}.js`), code)
      }
    })
    const renew = (session: string, ...more: string[]) =>
      run(folder, 'renewal.js', [database, session, join(folder, `${session}.log`), ...more])

    it('keeps the contract of a store', async () => {
      const result = await run(folder, 'contract.js', [database])
      expect(result).toEqual({ passed: expect.any(Number), failed: [] })
      expect((result as { passed: number }).passed).toBeGreaterThan(10)
    })

    it('makes one token request for four processes', async () => {
      const renewals = Array.from({ length: 4 }, () => renew('shared'))
      expect(await Promise.all(renewals)).toEqual(Array(4).fill('at-2'))
      expect(readFileSync(join(folder, 'shared.log'), 'utf8')).toBe('rt-1\n')
    })

    it('frees the lease of a process that was killed', async () => {
      await expect(renew('killed', 'killed')).rejects.toThrow()
      expect(existsSync(join(folder, 'killed.log'))).toBe(false)
      expect(await renew('killed')).toBe('at-2')
    })
  })
}
