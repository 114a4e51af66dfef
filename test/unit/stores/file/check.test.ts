import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { asNobody, isRoot, NOBODY } from './support/as-nobody.js'

const isWindows = process.platform === 'win32'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-check-'))
  path = join(folder, 'state', 'session.json')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a user is told before the browser opens: nothing there passes by itself. */
async function told(): Promise<string> {
  const error: unknown = await fileStore({ path })
    .check()
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'ERR_TOKEN_STORE', isTransient: false })
  return (error as Error).message
}

describe('a place where a login can be saved', () => {
  it('is found good, and nothing is left there', async () => {
    await fileStore({ path }).check()
    expect(readdirSync(dirname(path))).toEqual([])
  })

  it('is good with a session in it, which stays as it is', async () => {
    const tokens = { accessToken: 'a', tokenType: 'Bearer', issuedAt: 0 }
    const session = { sessionId: 's', version: 1, tokens }
    await fileStore({ path }).save(session, { ifVersion: undefined })
    const before = readFileSync(path, 'utf8')
    await fileStore({ path }).exclusive!(() => fileStore({ path }).check()) // waits for nobody
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(readdirSync(dirname(path)).sort()).toEqual(['session.json', 'session.json.lock'])
  })

  it.each(['', '{', 'null', '{"tokenward":2}', '{"tokenward":1,"session":{}}'])(
    'is good with what a login will replace: %j',
    async (text) => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileSync(path, text, { mode: 0o600 })
      await fileStore({ path }).check()
    },
  )

  it.skipIf(isWindows)('is good where a symbolic link leads to nothing yet', async () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    symlinkSync(join(folder, 'elsewhere', 'session.json'), path)
    await fileStore({ path }).check()
  })
})

describe('a place where a login cannot be saved', () => {
  it('a file where a folder should be', async () => {
    writeFileSync(dirname(path), '')
    expect(await told()).toMatch(
      /ENOTDIR\): .*\/state is a file, and must be a folder\. Move it away/,
    )
  })

  it('a folder where the file should be', async () => {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    expect(await told()).toMatch(/EISDIR\): a folder is in its place\. Move it away/)
  })

  it.skipIf(isWindows)('a file that others can read', async () => {
    mkdirSync(dirname(path), { mode: 0o700 })
    writeFileSync(path, '{}', { mode: 0o644 })
    expect(await told()).toMatch(/mode 644.*chmod 600 .*session\.json/)
  })

  it.skipIf(isWindows)('a folder that others can write', async () => {
    mkdirSync(dirname(path))
    chmodSync(dirname(path), 0o777)
    expect(await told()).toMatch(/mode is 777.*chmod go-w .*state/)
  })

  it.skipIf(isWindows)('a folder that cannot be written', async () => {
    mkdirSync(dirname(path), { mode: 0o700 })
    await asNobody(folder, async () => {
      chmodSync(dirname(path), 0o500)
      expect(await told()).toMatch(/EACCES\): .* may not write in .*\. Type: chmod u\+rwx .*state$/)
    })
  })

  it.skipIf(isWindows)('a file that its owner cannot read', async () => {
    mkdirSync(dirname(path), { mode: 0o700 })
    writeFileSync(path, '{}')
    await asNobody(folder, async () => {
      chmodSync(path, 0o000)
      expect(await told()).toMatch(/EACCES\): its mode is wrong\. Type: chmod 600 .*session\.json$/)
    })
  })

  it('a file system without hard links', async () => {
    vi.spyOn(fs, 'link').mockRejectedValue(Object.assign(new Error(), { code: 'EOPNOTSUPP' }))
    syncBuiltinESMExports()
    expect(await told()).toMatch(/has no hard links.*a folder of a local disk/)
    vi.restoreAllMocks()
    syncBuiltinESMExports()
    expect(readdirSync(dirname(path))).toEqual([])
  })

  it.skipIf(isWindows)('a link that leads to itself', async () => {
    mkdirSync(dirname(path), { mode: 0o700 })
    symlinkSync(path, path)
    expect(await told()).toMatch(/leads to itself/)
  })
})

describe.skipIf(!isRoot)('after a run with sudo', () => {
  beforeEach(() => mkdirSync(dirname(path), { mode: 0o700 }))

  it.each(['session.json', 'session.json.lock'])('%s is root’s', async (name) => {
    const file = join(dirname(path), name)
    writeFileSync(file, '{}', { mode: 0o600 })
    await asNobody(folder, async () => {
      const message = await told()
      expect(message).toContain(`${file} belongs to the user with the ID 0`)
      expect(message).toContain(`sudo chown ${NOBODY} ${file}`)
    }, [file])
  })

  it('the folder is root’s', async () => {
    chmodSync(folder, 0o755)
    await asNobody(folder, async () => {
      expect(await told()).toMatch(/belongs to the user with the ID 0.*sudo chown -R 65534/)
    }, [dirname(path)])
  })

  it('the folder is root’s, and can be entered', async () => {
    chmodSync(dirname(path), 0o755)
    await asNobody(folder, async () => {
      expect(await told()).toMatch(/may not write in .*sudo chown -R 65534 .*state/)
    }, [dirname(path)])
    chownSync(dirname(path), 0, 0)
  })
})
