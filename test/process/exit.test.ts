import { join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import { describe, expect, it } from 'vitest'
import { logInAt, useFolder } from './support/resources.js'
import { runScript } from './support/run-script.js'

const folder = useFolder()

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

  it('that another library ends while the response is being saved has saved it', async () => {
    const file = join(folder(), 'session.json')
    await logInAt(file, { access_token: 'old', refresh_token: 'r1', expires_at: 1 })
    const { stdout } = await runScript('exits-while-saving.ts', [], { SESSION_FILE: file })
    expect(stdout).toBe('')
    expect(await fileStore({ path: file }).load()).toMatchObject({ tokens: { accessToken: 'new' } })
  })

  it('sees no unhandled rejection, whatever fails', async () => {
    const { stdout, stderr } = await runScript('failures.ts')
    expect(stdout.trim()).toBe('still here')
    expect(stderr).not.toContain('no')
  })
})
