import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useScene } from './support/scene.js'
import { BUILDS, TOOLS, type Command } from './support/shipped.js'

const run = promisify(execFile)
const AT_ONCE = 8
const isHere = process.platform === 'linux' && process.arch === 'x64'
const hasTools = isHere && (existsSync(TOOLS) || process.env.TOKENWARD_REQUIRE_ALL !== undefined)
const why = hasTools ? '' : ' (needs Linux on x64, and: npm ci --prefix test/bundles)'

// A native lock was left out by every bundler, without a warning.
describe.skipIf(!hasTools)(`a CLI that is one file, away from node_modules${why}`, () => {
  const scene = useScene()
  const commands = new Map<string, Command>()
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenward-shipped-'))
    for (const [name, make] of Object.entries(BUILDS)) commands.set(name, await make(folder))
  }, 240_000)
  afterAll(() => rm(folder, { recursive: true }))

  const start = async ([program, ...given]: Command, ...more: string[]) => {
    const { issuer } = scene.server
    const { stdout } = await run(program, [...given, issuer, scene.path, ...more], { cwd: folder })
    return stdout.trim()
  }

  /** All of them have the one token that a single request brought. */
  async function expectOneRequest(started: readonly Command[]): Promise<void> {
    await scene.logIn()
    const said = await Promise.all(started.map((command) => start(command)))
    expect(new Set(said).size).toBe(1)
    const [token, isAttached] = said[0]!.split(' ')
    expect(scene.server.isValid(token!)).toBe(true)
    expect(isAttached).toBe('function')
    expect(scene.server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  }

  it.each(Object.keys(BUILDS))(
    `by %s: ${AT_ONCE} at once make one token request, and one logs out`,
    async (name) => {
      const command = commands.get(name)!
      await expectOneRequest(Array.from({ length: AT_ONCE }, () => command))
      await start(command, 'logout')
      expect(await scene.stored()).toMatchObject({ tokens: null })
    },
    120_000,
  )

  it.each(Object.keys(BUILDS))(
    'by %s: logs in with the browser, and says what it lacks for the keyring',
    async (name) => {
      const command = commands.get(name)!
      const { access_token: accessToken, refresh_token: refreshToken } = scene.server.login()
      const tokens = { accessToken, refreshToken, tokenType: 'Bearer', issuedAt: Date.now() }
      expect(await start(command, 'login', JSON.stringify(tokens))).toBe('signed in')
      expect(await scene.stored()).toMatchObject({ tokens: { accessToken } })
      // A program that is one executable file would start itself, again and again.
      const lacks = /needs the package @napi-rs\/keyring|single executable file/
      await expect(start(command, 'keyring')).rejects.toThrow(lacks)
    },
    60_000,
  )

  it('and all kinds of them at once, Node.js and Bun, make one token request', async () => {
    await expectOneRequest([...commands.values()])
  }, 120_000)
})
