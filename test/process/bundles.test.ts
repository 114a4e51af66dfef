import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  startAuthorizationServer,
  type AuthorizationServer,
} from '../support/oidc/authorization-server.js'
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

  /** @param at - the issuer, the session's file, the client */
  const start = async ([program, ...given]: Command, at: string[], act = 'token') => {
    const { stdout } = await run(program, [...given, ...at, act], { cwd: folder })
    return stdout.trim()
  }

  /** The one token that all of them have, and that axios was given, too. */
  const oneToken = (said: readonly string[]): string => {
    expect(new Set(said).size).toBe(1)
    const [token, isAttached] = said[0]!.split(' ')
    expect(isAttached).toBe('function')
    return token!
  }

  /** Goes to the address that the CLI shows, signs in there, and comes back to its listener. */
  async function logIn([program, ...given]: Command, at: string[], server: AuthorizationServer) {
    const child = spawn(program, [...given, ...at, 'login'], { cwd: folder })
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stderr.pipe(process.stderr)
    const closed = once(child, 'close')
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const url = new URL((await lines.next()).value as string)
    const redirectUri = url.searchParams.get('redirect_uri')!
    const callback = await server.userAgent('alice').browseBackTo(redirectUri, url)
    expect(await (await fetch(callback)).text()).toContain('You are logged in')
    expect((await lines.next()).value).toBe('signed in')
    expect(await closed).toEqual([0, null])
  }

  it.each(Object.keys(BUILDS))(
    `by %s: logs in at oidc-provider, ${AT_ONCE} at once make one token request, and one logs out`,
    async (name) => {
      const command = commands.get(name)!
      const server = await startAuthorizationServer({ accessTokenTtl: 1 })
      onTestFinished(() => server.stop())
      const at = [server.issuer, scene.path, server.clients.none.clientId]
      await logIn(command, at, server)
      const { expiresAt, refreshToken } = (await scene.stored())!.tokens!
      await expect.poll(() => Date.now() > expiresAt!, { timeout: 5_000 }).toBe(true)

      server.accessTokenTtl = 300
      const said = await Promise.all(Array.from({ length: AT_ONCE }, () => start(command, at)))
      const { tokens } = (await scene.stored())!
      expect(tokens).toMatchObject({ accessToken: oneToken(said) })
      expect(tokens!.refreshToken).not.toBe(refreshToken)
      expect(server.ledger.of('refresh_token')).toHaveLength(1)
      expect(server.ledger).toMatchObject({ reuse: 0 })

      expect(await server.knows(tokens!.refreshToken!)).toBe(true)
      await start(command, at, 'logout')
      expect(await scene.stored()).toMatchObject({ tokens: null })
      expect(await server.knows(tokens!.refreshToken!)).toBe(false)
    },
    120_000,
  )

  // A program that is one executable file would start itself, again and again.
  it.each(Object.keys(BUILDS))('by %s: says what it lacks for the keyring', async (name) => {
    const lacks = /needs the package @napi-rs\/keyring|single executable file/
    const at = [scene.server.issuer, scene.path, 'cli']
    await expect(start(commands.get(name)!, at, 'keyring')).rejects.toThrow(lacks)
  })

  it('loads no library from a folder above that another user could have filled', async () => {
    const planted = join(folder, 'node_modules/@napi-rs/keyring')
    onTestFinished(() => rm(join(folder, 'node_modules'), { recursive: true }))
    await mkdir(planted, { recursive: true })
    await writeFile(join(planted, 'package.json'), '{ "main": "index.js" }')
    await writeFile(join(planted, 'index.js'), 'require("node:fs").writeFileSync("loaded", "")')
    await chmod(join(folder, 'node_modules'), 0o777)
    const at = [scene.server.issuer, scene.path, 'cli']
    const asked = start(commands.get('esbuild, ESM')!, at, 'keyring')
    await expect(asked).rejects.toThrow(/other users can write in .*so it is not loaded/)
    expect(existsSync(join(folder, 'loaded'))).toBe(false)
  })

  it('and all kinds of them at once, Node.js and Bun, make one token request', async () => {
    await scene.logIn()
    const at = [scene.server.issuer, scene.path, 'cli']
    const said = await Promise.all([...commands.values()].map((command) => start(command, at)))
    expect(scene.server.isValid(oneToken(said))).toBe(true)
    expect(scene.server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  }, 120_000)
})
