import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, inject, it } from 'vitest'

const run = promisify(execFile)
const folder = mkdtempSync(join(inject('bare'), 'startup-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The modules of Node.js that are loaded, as of the end of the script. */
const TELL = 'console.log(JSON.stringify(process.moduleLoadList))'

async function loadedBy(code: string): Promise<string[]> {
  const script = join(folder, 'program.mjs')
  writeFileSync(script, `${code}\n${TELL}`)
  const { stdout } = await run(process.execPath, [script])
  return JSON.parse(stdout) as string[]
}

it('a program that only reads a fresh session loads what reading a file takes', async () => {
  mkdirSync(join(folder, 'state'), { mode: 0o700, recursive: true })
  const path = join(folder, 'state', 'session.json')
  const manager = `
    import { TokenManager } from 'tokenward'
    import { fileStore } from 'tokenward/cli'
    const store = fileStore({ path: ${JSON.stringify(path)} })
    const tokens = new TokenManager({ store, refresh: () => { throw new Error('not due') } })`
  const tokenSet = `{ accessToken: 'a-token', refreshToken: 'r', expiresIn: 3600 }`
  await loadedBy(`${manager}\nawait tokens.setTokens(${tokenSet})`)
  const whoami = `${manager}\nif ((await tokens.getAccessToken()) !== 'a-token') throw new Error()`
  const loaded = await loadedBy(whoami)
  const dear = /^NativeModule (crypto|child_process|http|https|net|tls|readline|worker_threads)$/
  expect(loaded).toContain('NativeModule fs/promises')
  expect(loaded.filter((each) => dear.test(each))).toEqual([])
  // All that an import of `node:util` loads, and of `node:fs` does not.
  const ofReading = await loadedBy("import 'node:fs'")
  const ofUtil = await loadedBy("import 'node:util'")
  const forUtil = ofUtil.filter((each) => !ofReading.includes(each))
  expect(forUtil).not.toEqual([])
  expect(loaded.filter((each) => forUtil.includes(each))).toEqual([])
})
