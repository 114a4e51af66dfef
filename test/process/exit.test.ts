import { describe, expect, it } from 'vitest'
import { runScript } from './support/run-script.js'

describe('a process', () => {
  // badgateway, AARQ, supabase/auth-js#99: a timer keeps the process alive
  it('with a keepFresh manager exits by itself', async () => {
    const { stdout, tookMs } = await runScript('keep-fresh.ts')
    expect(stdout.trim()).toBe('at-1')
    expect(tookMs).toBeLessThan(20_000)
  })

  it('of one line ends only after its refresh, backoff included, has given the token', async () => {
    const { stdout } = await runScript('one-line.ts')
    expect(stdout.trim()).toBe('at-of-request-3')
  })

  it('that is about to end saves first what could not be saved at once', async () => {
    const { stdout } = await runScript('unsaved.ts')
    expect(stdout.trim()).toBe('at-new')
  })

  it('sees no unhandled rejection, whatever fails', async () => {
    const { stdout, stderr } = await runScript('failures.ts')
    expect(stdout.trim()).toBe('still here')
    expect(stderr).not.toContain('no')
  })
})
