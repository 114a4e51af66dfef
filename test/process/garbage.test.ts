import { expect, it } from 'vitest'
import { runScript } from './support/run-script.js'

it('a process keeps nothing of a session’s resources after its end, or of leases given back', async () => {
  const { stdout } = await runScript('garbage.ts', ['--expose-gc'])
  const collected = JSON.parse(stdout) as { sources: number; leases: number }
  expect.soft(collected.sources).toBeGreaterThan(4_900)
  expect(collected.leases).toBeGreaterThan(90)
})
