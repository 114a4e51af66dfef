import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useDueSession, type DueSetting } from './support/due-session.js'
import { buildPrograms, type Programs } from './support/framework-programs.js'
import { TOOLS } from './support/shipped.js'

const hasTools = existsSync(TOOLS) || process.env.TOKENWARD_REQUIRE_ALL !== undefined
const why = hasTools ? '' : ' (needs: npm ci --prefix test/bundles)'

describe.skipIf(!hasTools)(`a CLI as the guide writes it with its framework${why}`, () => {
  const session = useDueSession()
  let programs: Programs
  beforeAll(async () => void (programs = await buildPrograms()))
  afterAll(() => programs.remove())

  /** A command that leaves in the framework's way, while the server still works at its token request. */
  async function leave(name: string, setting: DueSetting, signal?: NodeJS.Signals) {
    const env = await session.begin(setting)
    const child = spawn(process.execPath, [programs.paths[name]!, 'me'], { env })
    const output = Promise.all([text(child.stdout), text(child.stderr)])
    const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
    if (signal) {
      await Promise.race([session.tokenRequested(), closed])
      child.kill(signal)
    }
    const [code, endedBy] = await closed
    const [stdout, stderr] = await output
    return { end: endedBy ?? code, stdout, stderr, isRenewed: await session.isRenewed() }
  }

  it.each(['commander', 'commander, CommonJS', 'oclif', 'yargs'])(
    '%s: saves the refresh when a command has failed',
    async (name) => {
      const { stderr, ...outcome } = await leave(name, { status: 404 })
      expect(outcome).toEqual({ end: 1, stdout: '', isRenewed: true })
      expect(stderr).toContain('Request failed with status code 404')
    },
  )

  it.each(['commander', 'oclif', 'yargs'])('%s: saves the refresh at Ctrl-C', async (name) => {
    const { stdout, ...outcome } = await leave(name, { status: 200, validForMs: -1 }, 'SIGINT')
    expect(outcome).toEqual({ end: 'SIGINT', stderr: '', isRenewed: true })
    expect(['', 'me\n']).toContain(stdout) // the command may get its token, and end, before the signal does
  })

  it('oclif: saves the refresh when a command has succeeded', async () => {
    const outcome = await leave('oclif', { status: 200 })
    expect(outcome).toEqual({ end: 0, stdout: 'me\n', stderr: '', isRenewed: true })
  })
})
