import { describe, expect, it } from 'vitest'
import { runScript } from './support/run-script.js'

describe('a fresh token', () => {
  it('costs no memory but the number that the clock gives', async () => {
    const flags = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64']
    const { stdout } = await runScript('hot-path.ts', flags)
    const { clock = NaN, ...calls } = JSON.parse(stdout) as Record<string, number>
    const { 'an object, to see that it is counted': object, ...ours } = calls
    expect(object).toBeGreaterThan(8)
    expect(Object.keys(ours)).toHaveLength(4)
    for (const [call, bytes] of Object.entries(ours)) {
      expect(bytes - clock, call).toBeLessThan(1)
    }
  })
})

describe('fifty thousand managers that nobody uses', () => {
  it('hold no timer and no handle, and 300 bytes each beside their tokens', async () => {
    const { stdout } = await runScript('many-managers.ts', ['--expose-gc'])
    const { bytesEach, fresh, more } = JSON.parse(stdout) as Record<string, number>
    expect(fresh).toBe(50_000)
    expect(more).toBe(0)
    expect(bytesEach).toBeLessThan(300)
  })
})
