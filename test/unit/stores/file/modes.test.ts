import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import sync from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TokenManager, type StoredSession } from 'tokenward'
import { fileStore, moveSession, profiles } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { saveNow } from '../../../../src/stores/file/save-now.js'
import { PLAIN } from '../../../../src/stores/file/session-format.js'

let root: string
let umask: number
/** Whatever was there at any instant, and how it could be accessed. */
let seen: Map<string, number>

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tokenward-modes-'))
  umask = process.umask(0o022)
  seen = new Map()
  vi.stubEnv('XDG_STATE_HOME', root)
})
afterEach(() => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
  vi.unstubAllEnvs()
  process.umask(umask)
  rmSync(root, { recursive: true, force: true })
})

describe.skipIf(process.platform === 'win32')('what others can access at any instant', () => {
  it.each(['000', '002', '022', '077'])('is nothing, under the umask %s', async (mask) => {
    process.umask(Number.parseInt(mask, 8))
    lookAroundEachCall()
    const app = 'my-cli'
    const path = join(root, app, 'sessions', 'default.json')

    const store = fileStore({ app })
    await store.check()
    const refresh = async () => ({ access_token: 'T2', refresh_token: 'R2', expires_in: 60 })
    const tokens = new TokenManager({ store, refresh })
    await tokens.setTokens({ access_token: 'T1', refresh_token: 'R1', expires_in: 60 })
    await tokens.refresh()
    await tokens.close()
    saveNow({ path, format: PLAIN, allowOthers: false }, record(1), (await store.load())!.version)
    const encrypted = fileStore({
      app,
      encryption: { key: Buffer.alloc(32, 1).toString('base64') },
    })
    await moveSession({ from: store, to: encrypted })
    await profiles({ app }).switch('work')
    writeFileSync(path, 'damaged', { mode: 0o600 })
    await fileStore({ app }).save(record(2), { ifVersion: undefined })

    const others = [...seen].filter(([, mode]) => (mode & 0o077) !== 0)
    expect(others.map(([file, mode]) => `${file} ${mode.toString(8)}`)).toEqual([])
    const kinds = [...seen.keys()].map((file) => /\.(tmp|next|lock|damaged)\b/.exec(file)?.[1])
    expect(new Set(kinds)).toEqual(new Set(['tmp', 'next', 'lock', 'damaged', undefined]))
  })
})

/** Before and after each call that makes a file, gives it a name or a mode. */
function lookAroundEachCall(): void {
  for (const name of [
    'open',
    'mkdir',
    'copyFile',
    'chmod',
    'writeFile',
    'link',
    'rename',
  ] as const) {
    const original = fs[name] as (...parameters: unknown[]) => Promise<unknown>
    vi.spyOn(fs, name).mockImplementation((async (...parameters: unknown[]) => {
      look(root)
      const result = await original(...parameters)
      look(root)
      return result
    }) as never)
  }
  for (const name of ['openSync', 'writeFileSync', 'linkSync', 'renameSync'] as const) {
    const original = sync[name] as (...parameters: unknown[]) => unknown
    vi.spyOn(sync, name).mockImplementation((...parameters: unknown[]) => {
      const result = original(...parameters)
      look(root)
      return result
    })
  }
  syncBuiltinESMExports()
}

function look(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    const stats = lstatSync(file)
    seen.set(file, (seen.get(file) ?? 0) | (stats.mode & 0o777))
    if (stats.isDirectory()) look(file)
  }
}

function record(version: number): StoredSession {
  const tokens = { accessToken: `T${version}`, tokenType: 'Bearer', issuedAt: 1 }
  return { sessionId: 'a', version, tokens }
}
