import { describe, expect, inject, it } from 'vitest'
import { runScript } from './support/run-script.js'

const bare = inject('bare')

/** Saves, loads and leases in a fresh folder. */
const FILE = `
  const { mkdtempSync, rmSync } = await import('node:fs')
  const folder = mkdtempSync((await import('node:os')).tmpdir() + '/tokenward-')
  process.on('exit', () => rmSync(folder, { recursive: true }))
  const path = folder + '/session.json'
  const store = fileStore({ path })
  const isSaved = await store.save({ sessionId: 'a', version: 1, tokens: null }, { ifVersion: undefined })
  const isHeld = await store.exclusive(async (lease) => lease.isHeld())
  tell([isSaved, (await store.load()).version, isHeld])
`
const KEYRING = `
  const { mkdtempSync, rmSync } = await import('node:fs')
  const folder = mkdtempSync((await import('node:os')).tmpdir() + '/tokenward-')
  process.on('exit', () => rmSync(folder, { recursive: true }))
  const path = folder + '/session.json'
  const store = keyringStore({ service: 'my-cli', account: 'me', path })
  const session = { sessionId: 'a', version: 1, tokens: null }
  tell(await store.save(session, { ifVersion: undefined }).catch(({ code, message }) => [code, message]))
`
const inAnAsyncFunction = (code: string) => `(async () => {${code}})()`

describe('the stores of the packed package', () => {
  it('keep a session in a file', async () => {
    const code = `import { fileStore } from 'tokenward/cli'\n${FILE}`
    expect(await runScript(bare, 'module', code)).toEqual([true, 1, true])
    const required = `const { fileStore } = require('tokenward/cli');${inAnAsyncFunction(FILE)}`
    expect(await runScript(bare, 'commonjs', required)).toEqual([true, 1, true])
  })

  it('say what is missing where @napi-rs/keyring is not installed', async () => {
    const told = ['ERR_TOKEN_STORE', expect.stringContaining('npm install @napi-rs/keyring')]
    const code = `import { keyringStore } from 'tokenward/cli'\n${KEYRING}`
    expect(await runScript(bare, 'module', code)).toEqual(told)
    const required = `const { keyringStore } = require('tokenward/cli');${inAnAsyncFunction(KEYRING)}`
    expect(await runScript(bare, 'commonjs', required)).toEqual(told)
  })
})
