import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Runs a script in a process of its own, which has to end by itself, without a complaint. */
async function runScript(
  name: string,
): Promise<{ stdout: string; stderr: string; tookMs: number }> {
  const startedAt = performance.now()
  const options = ['--unhandled-rejections=strict', '--import', 'tsx', path(`fixtures/${name}`)]
  const env = { ...process.env, TSX_TSCONFIG_PATH: path('../tsconfig.json') }
  const { stdout, stderr } = await run(process.execPath, options, { env, timeout: 30_000 })
  return { stdout, stderr, tookMs: performance.now() - startedAt }
}

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

  it('sees no unhandled rejection, whatever fails', async () => {
    const { stdout, stderr } = await runScript('failures.ts')
    expect(stdout.trim()).toBe('still here')
    expect(stderr).not.toContain('no')
  })
})
