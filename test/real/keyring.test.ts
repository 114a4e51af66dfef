import { spawn } from 'node:child_process'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TokenManager, type StoredSession } from 'tokenward'
import { sessionPath } from '../../src/stores/file/session-place.js'
import { fileStore, keyringStore, localStore, moveSession, type LocalChoice } from 'tokenward/cli'
import { testTokenStore } from 'tokenward/testing'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  onTestFinished,
  vi,
} from 'vitest'
import {
  missingOfKeyring,
  startSessionBus,
  startSilentBus,
  type SessionBus,
} from '../support/keyring/session-bus.js'

const missing = missingOfKeyring()
const NOWHERE = 'unix:path=/nonexistent'

if (missing !== undefined && process.env.TOKENWARD_REQUIRE_ALL) {
  it('a keyring is here, as TOKENWARD_REQUIRE_ALL demands', () => {
    expect.fail(missing)
  })
}

let folder: string
let home: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tokenward-keyring-'))
})
beforeEach(() => {
  folder = mkdtempSync(join(home, 'case-'))
  vi.stubEnv('XDG_STATE_HOME', folder)
})
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(home, { recursive: true, force: true }))

describe.skipIf(missing !== undefined)(`with a keyring${missing ? ` (${missing})` : ''}`, () => {
  let bus: SessionBus

  beforeAll(async () => {
    bus = await startSessionBus(home, true)
  })
  beforeEach(() => vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', bus.address))
  afterAll(() => bus.stop())

  testTokenStore(
    'keyringStore',
    (account) => keyringStore({ service: 'contract', account, path: join(home, account) }),
    { describe, it },
  )

  describe('a session in the keyring', () => {
    it('is in a file that shows no token, and the keyring has no more than its key', async () => {
      await mine().save(record(1), { ifVersion: undefined })
      expect(statSync(path()).mode & 0o777).toBe(0o600)
      expect(readFileSync(path(), 'utf8')).not.toMatch(/secret|version/)
      expect(bus.lookup('my-cli', 'me')).toMatch(/^[\w-]{43}$/)
      expect(await mine().load()).toEqual(record(1))
    })

    // Tracers that NODE_OPTIONS preloads greet on the standard output.
    it('is found whatever else the process that asks for it prints', async () => {
      const preloaded = join(folder, 'preloaded.cjs')
      writeFileSync(preloaded, "console.log('{\"a\":1}\\nready'); process.stdout.write('...')")
      vi.stubEnv('NODE_OPTIONS', `--require ${preloaded}`)
      await mine().save(record(1), { ifVersion: undefined })
      expect(await mine().load()).toEqual(record(1))
    })

    it("does not open in the place of another account's", async () => {
      await mine().save(record(1), { ifVersion: undefined })
      await storeOf('other').save(record(1), { ifVersion: undefined })
      renameSync(path(), path('other'))
      await expect(storeOf('other').load()).rejects.toMatchObject({ reason: 'undecryptable' })
    })

    it('is an error when its key is gone, until a login replaces it and keeps it aside', async () => {
      await mine().save(record(1), { ifVersion: undefined })
      const before = readFileSync(path(), 'utf8')
      bus.clear('my-cli', 'me')
      await expect(mine().load()).rejects.toMatchObject({ reason: 'undecryptable' })

      const tokens = new TokenManager({ refresh: neverAsked, store: mine() })
      await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'undecryptable' })
      await tokens.setTokens({ access_token: 'next', refresh_token: 'r', expires_in: 3_600 })
      await tokens.close()
      expect((await mine().load())?.tokens?.accessToken).toBe('next')
      const aside = readdirSync(join(path(), '..')).find((name) => name.includes('.damaged-'))!
      expect(readFileSync(join(path(), '..', aside), 'utf8')).toBe(before)
    })

    it('stays open to a process that has it open when the keyring is locked', async () => {
      const store = mine()
      await store.save(record(1), { ifVersion: undefined })
      bus.lock()
      onTestFinished(reopen)
      expect(await store.load()).toEqual(record(1))
      expect(await store.save(record(2), { ifVersion: 1 })).toBe(true)
      await expect(mine().load()).rejects.toMatchObject({ reason: 'locked' })
      await expect(mine().save(record(3), { ifVersion: 2 })).rejects.toMatchObject({
        reason: 'locked',
      })
    })

    it('is locked, and not nothing, after a start without a password', async () => {
      await mine().save(record(1), { ifVersion: undefined })
      await bus.stop()
      bus = await startSessionBus(home, false)
      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', bus.address)
      onTestFinished(reopen)
      await expect(mine().load()).rejects.toMatchObject({ reason: 'locked' })
      const login = new TokenManager({ refresh: neverAsked, store: mine() })
      const tokens = { access_token: 'next', refresh_token: 'r', expires_in: 3_600 }
      await expect(login.setTokens(tokens)).rejects.toMatchObject({ reason: 'locked' })
      await reopen()
      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', bus.address)
      expect(await mine().load()).toEqual(record(1))
    })
  })

  it('is locked, and its key is not gone, where the keyring was never opened', async () => {
    await mine().save(record(1), { ifVersion: undefined })
    const elsewhere = await startSessionBus(mkdtempSync(join(folder, 'home-')), false)
    onTestFinished(() => elsewhere.stop())
    vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', elsewhere.address)
    await expect(mine().load()).rejects.toMatchObject({ reason: 'locked' })
  })

  describe('localStore', () => {
    it('takes the keyring, says so, and keeps to it where there is none', async () => {
      const choices: LocalChoice[] = []
      const here = localStore({ app: 'my-cli', onChoice: (choice) => choices.push(choice) })
      expect(await here.kind()).toBeUndefined()
      await here.save(record(1), { ifVersion: undefined })
      await here.save(record(2), { ifVersion: 1 })
      expect(choices).toEqual([{ kind: 'keyring' }])

      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', NOWHERE)
      const overSsh = localStore({ app: 'my-cli' })
      expect(await overSsh.kind()).toBe('keyring')
      await expect(overSsh.load()).rejects.toThrow(
        /kept in the keyring: .* log out here and log in/,
      )
      const saved = overSsh.save(record(3), { ifVersion: undefined })
      await expect(saved).rejects.toThrow(/kept in the keyring/)
      await expect(overSsh.check()).rejects.toThrow(/kept in the keyring/)
      expect(await here.load()).toEqual(record(2))
    })

    it('believes no session in clear in the place of one in the keyring', async () => {
      const path = sessionPath('localStore', { app: 'my-cli' })
      const plant = (session: object) =>
        writeFileSync(path, JSON.stringify({ tokenward: 1, session }), { mode: 0o600 })
      await localStore({ app: 'my-cli' }).save(record(1), { ifVersion: undefined })

      plant(record(7))
      await expect(localStore({ app: 'my-cli' }).load()).rejects.toThrow(/kept in the keyring/)

      plant({ ...record(7), sessionId: 'planted', tokens: null })
      const choices: LocalChoice[] = []
      const store = localStore({ app: 'my-cli', onChoice: (choice) => choices.push(choice) })
      expect(await store.save(record(8), { ifVersion: 7 })).toBe(true)
      expect(choices).toEqual([{ kind: 'keyring' }])
      expect(await store.kind()).toBe('keyring')
    })

    it('is left by logging out where the keyring cannot be reached, without a copy', async () => {
      await localStore({ app: 'my-cli' }).save(record(1), { ifVersion: undefined })
      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', NOWHERE)
      const overSsh = new TokenManager({
        refresh: neverAsked,
        store: localStore({ app: 'my-cli' }),
      })
      await overSsh.signOut()
      await overSsh.setTokens({ access_token: 'next', refresh_token: 'r', expires_in: 3_600 })
      await overSsh.close()
      expect(await localStore({ app: 'my-cli' }).kind()).toBe('file')
      const path = sessionPath('localStore', { app: 'my-cli' })
      const aside = readdirSync(join(path, '..')).filter((name) => name.includes('.damaged-'))
      expect(aside).toEqual([])
    })

    it('believes a sign-out that was written where the keyring could not be reached', async () => {
      await localStore({ app: 'my-cli' }).save(record(1), { ifVersion: undefined })
      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', NOWHERE)
      const overSsh = new TokenManager({
        refresh: neverAsked,
        store: localStore({ app: 'my-cli' }),
      })
      await overSsh.signOut()
      await overSsh.close()
      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', bus.address)
      expect(await localStore({ app: 'my-cli' }).load()).toMatchObject({ tokens: null })
    })

    it('takes no file for good where the keyring is locked, unless the user agrees', async () => {
      bus.lock()
      onTestFinished(reopen)
      const locked = { code: 'ERR_TOKEN_STORE', reason: 'locked', isTransient: false }
      const store = localStore({ app: 'my-cli' })
      await expect(store.check()).rejects.toMatchObject(locked)
      await expect(store.save(record(1), { ifVersion: undefined })).rejects.toMatchObject(locked)
      expect(await store.kind()).toBeUndefined()

      const useFileIfLocked = vi.fn(async () => true)
      const choices: LocalChoice[] = []
      const asking = localStore({
        app: 'my-cli',
        useFileIfLocked,
        onChoice: (choice) => choices.push(choice),
      })
      await asking.check()
      expect(await asking.save(record(1), { ifVersion: undefined })).toBe(true)
      expect(useFileIfLocked).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(locked))
      expect(choices).toMatchObject([{ kind: 'file', reason: locked }])
    })

    it('keeps to the file where there is a keyring later', async () => {
      const choices: LocalChoice[] = []
      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', NOWHERE)
      const overSsh = localStore({
        app: 'my-other-cli',
        onChoice: (choice) => choices.push(choice),
      })
      await overSsh.save(record(1), { ifVersion: undefined })
      expect(choices).toMatchObject([{ kind: 'file', reason: { code: 'ERR_TOKEN_STORE' } }])

      vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', bus.address)
      const onDesktop = localStore({
        app: 'my-other-cli',
        onChoice: () => expect.fail('chosen again'),
      })
      expect(await onDesktop.load()).toEqual(record(1))
      await onDesktop.save({ ...record(2), tokens: null }, { ifVersion: 1 })
      await onDesktop.save(record(3), { ifVersion: 2 })
      expect(await onDesktop.kind()).toBe('file')
      expect(await overSsh.load()).toEqual(record(3))
    })

    it.each([
      [
        'throws',
        () => {
          throw new Error('of the listener')
        },
      ],
      ['rejects', () => Promise.reject(new Error('of the listener'))],
    ])('lives through a listener that %s', async (_how, onChoice: () => unknown) => {
      const store = localStore({ app: 'my-cli', onChoice })
      expect(await store.save(record(1), { ifVersion: undefined })).toBe(true)
    })
  })

  describe('a session that is moved between a file and the keyring', () => {
    const app = 'my-cli'
    const place = () => sessionPath('localStore', { app })
    const inFile = () => fileStore({ app })
    const inKeyring = () => keyringStore({ service: app, account: 'default' })

    it('is sealed in its very file, and localStore goes on with it', async () => {
      await inFile().save(record(1), { ifVersion: undefined })
      expect(await moveSession({ from: inFile(), to: inKeyring() })).toBe(true)
      expect(readFileSync(place(), 'utf8')).not.toContain('secret')
      expect(await localStore({ app }).kind()).toBe('keyring')
      expect(await localStore({ app }).load()).toEqual(record(1))
      expect(readdirSync(join(place(), '..')).filter((name) => /damaged|tmp/.test(name))).toEqual(
        [],
      )
    })

    it('leaves no key behind, so that localStore believes the file', async () => {
      await inKeyring().save(record(1), { ifVersion: undefined })
      expect(await moveSession({ from: localStore({ app }), to: inFile() })).toBe(true)
      expect(bus.lookup(app, 'default')).toBe('')
      expect(await localStore({ app }).kind()).toBe('file')
      expect(await localStore({ app }).load()).toEqual(record(1))
      expect(await moveSession({ from: localStore({ app }), to: inKeyring() })).toBe(true)
      expect(await localStore({ app }).load()).toEqual(record(1))
    })

    it('is in the file before its key is removed: a move that was killed there is finished', async () => {
      await inKeyring().save(record(1), { ifVersion: undefined })
      const key = bus.lookup(app, 'default')
      await moveSession({ from: inKeyring(), to: inFile() })
      bus.store(app, 'default', key) // as if it had not come so far
      await expect(localStore({ app }).load()).rejects.toMatchObject({ reason: 'damaged' })
      await moveSession({ from: inKeyring(), to: inFile() })
      expect(bus.lookup(app, 'default')).toBe('')
      expect(await localStore({ app }).load()).toEqual(record(1))
    })

    it('stays where it is while the keyring is locked', async () => {
      await inFile().save(record(1), { ifVersion: undefined })
      bus.lock()
      onTestFinished(reopen)
      await expect(moveSession({ from: inFile(), to: inKeyring() })).rejects.toMatchObject({
        reason: 'locked',
      })
      expect(await inFile().load()).toEqual(record(1))
    })
  })

  async function reopen(): Promise<void> {
    await bus.stop()
    bus = await startSessionBus(home, true)
  }
})

describe.skipIf(process.platform !== 'linux')('without a keyring', () => {
  it('is an error that says so', async () => {
    vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', NOWHERE)
    expect(await mine().load()).toBeUndefined() // nobody has logged in: nothing is to be opened
    await expect(mine().save(record(1), { ifVersion: undefined })).rejects.toMatchObject({
      message: expect.stringMatching(/^There is no keyring/),
      cause: { message: expect.stringMatching(/D-?Bus|platform/i) },
      operation: 'save',
    })
  })
})

describe.skipIf(process.platform === 'win32')('a program that is no Node.js by itself', () => {
  // One made into a single executable starts itself again, whatever the flags are.
  it.each([
    ['prints its usage', 'echo Usage: my-cli'],
    ['prints JSON', 'echo null'],
    ['prints nothing', 'exit 2'],
  ])('is an error that says so: one that %s', async (_, deed) => {
    const executable = join(folder, 'program')
    writeFileSync(executable, `#!/bin/sh\n${deed}\n`, { mode: 0o755 })
    const { execPath } = process
    process.execPath = executable
    onTestFinished(() => void (process.execPath = execPath))
    await expect(mine().save(record(1), { ifVersion: undefined })).rejects.toMatchObject({
      code: 'ERR_TOKEN_STORE',
      operation: 'save',
      message: expect.stringContaining(`${executable} -e did not start`),
    })
  })
})

it('a program that was started to ask the keyring asks nobody: it cannot start itself', async () => {
  vi.stubEnv('TOKENWARD_ASKS_KEYRING', '1')
  const saved = mine().save(record(1), { ifVersion: undefined })
  await expect(saved).rejects.toThrow(/single executable file/)
})

describe.skipIf(process.platform !== 'linux')('a bus that never answers', () => {
  it('is an error in bounded time, and blocks nothing meanwhile', async () => {
    await onSilentBus(async () => {
      let ticks = 0
      const ticking = setInterval(() => (ticks += 1), 10)
      const store = keyringStore({ service: 'my-cli', account: 'me', timeoutMs: 2_000 })
      const saving = expect(store.save(record(1), { ifVersion: undefined })).rejects.toMatchObject({
        message: expect.stringMatching(/did not respond within 2000 ms/),
        isTransient: true,
      })
      await vi.waitFor(() => expect(childrenThatAsk(process.pid)).toHaveLength(1))
      await saving
      clearInterval(ticking)
      expect(ticks).toBeGreaterThan(10)
      await vi.waitFor(() => expect(childrenThatAsk(process.pid)).toEqual([]))
    })
  })

  it('is asked no longer than the program lives, however that ends', async () => {
    await onSilentBus(async () => {
      const script = fileURLToPath(new URL('fixtures/asks-keyring.ts', import.meta.url))
      const tsconfig = fileURLToPath(new URL('../tsconfig.json', import.meta.url))
      const env = { ...process.env, TSX_TSCONFIG_PATH: tsconfig }
      const program = spawn(process.execPath, ['--import', 'tsx', script], { env, stdio: 'ignore' })
      const [asking] = await vi.waitFor(() => {
        const asking = childrenThatAsk(program.pid!)
        expect(asking).toHaveLength(1)
        return asking
      }, 20_000)
      expect(isRunning(asking!)).toBe(true)
      program.kill('SIGKILL')
      await vi.waitFor(() => expect(isRunning(asking!)).toBe(false), 5_000)
    })
  })

  it('makes localStore take a file if the user agrees: it may only be waiting for a password', async () => {
    await onSilentBus(async () => {
      const careful = localStore({ app: 'my-cli', timeoutMs: 500 })
      await expect(careful.check()).rejects.toMatchObject({ reason: 'locked' })
      const store = localStore({ app: 'my-cli', timeoutMs: 500, useFileIfLocked: true })
      expect(await store.save(record(1), { ifVersion: undefined })).toBe(true)
      expect(await store.kind()).toBe('file')
    })
  })
})

async function onSilentBus(act: () => Promise<void>): Promise<void> {
  const { address, server } = await startSilentBus(join(folder, 'bus'))
  server.on('connection', (socket) => onTestFinished(() => void socket.destroy()))
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', address)
  try {
    await act()
  } finally {
    server.close()
  }
}

/** The processes that a process asks the keyring by. */
function childrenThatAsk(parent: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return all.map(Number).filter((pid) => {
    const isChild = proc(pid, 'status').includes(`\nPPid:\t${parent}\n`)
    return isChild && isRunning(pid) && proc(pid, 'cmdline').split('\0').includes('-e')
  })
}

/** An orphan that nobody has buried yet runs no more. */
function isRunning(pid: number): boolean {
  const status = proc(pid, 'status')
  return status !== '' && !/^State:\s+Z/m.test(status)
}

function proc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // it is gone
  }
}

const neverAsked = () => Promise.reject(new Error('no refresh is wanted here'))
const storeOf = (account: string) => keyringStore({ service: 'my-cli', account })
const mine = () => storeOf('me')
const path = (account = 'me') => join(folder, 'my-cli', 'sessions', `${account}.json`)

function record(version: number): StoredSession {
  const accessToken = 'secret'.padEnd(4_000, 'x')
  return { sessionId: 'a', version, tokens: { accessToken, tokenType: 'Bearer', issuedAt: 1 } }
}
