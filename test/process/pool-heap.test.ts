import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const run = promisify(execFile)
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

interface Figures {
  /** Bytes of heap of each session that the pool holds, after 10,000 and after 100,000. */
  bytesAfterTen: number
  bytesAfterHundred: number
  /** What the process has open beside its own output. */
  handles: string[]
  /** Managers made for a session whose refresh was in flight when it left the cache. */
  madeForBusy: number
}

it('a pool of 10,000 through which 100,000 sessions went holds 10,000, and no handle', async () => {
  const options = ['--expose-gc', '--import', 'tsx', path('fixtures/pool-heap.ts')]
  const env = { ...process.env, TSX_TSCONFIG_PATH: path('../tsconfig.json') }
  const { stdout } = await run(process.execPath, options, { env, timeout: 55_000 })
  const figures = JSON.parse(stdout) as Figures
  // If those that left stayed, it would be ten times as much.
  expect(figures.bytesAfterHundred).toBeLessThan(1.5 * figures.bytesAfterTen)
  expect(figures.handles).toEqual([])
  expect(figures.madeForBusy).toBe(1)
})
