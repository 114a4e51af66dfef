import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredSession } from 'tokenward'
import { fileStore, keyringStore, localStore, moveSession } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

/** A keyring of one key, in a file; it waits where a test wants it to. */
const KEYRING = `
const { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const file = (name) => __dirname + '/' + name
const keyNow = () => (existsSync(file('key')) ? readFileSync(file('key'), 'utf8') : undefined)
async function pass(point) {
  appendFileSync(file('asked'), point + '\\n')
  while (existsSync(file('hold ' + point))) await new Promise((resolve) => setTimeout(resolve, 5))
}
process.stdin.once('data', async (line) => {
  const { act, candidate } = JSON.parse(line)
  await pass('before ' + act)
  if (act === 'remove') rmSync(file('key'), { force: true })
  if (act === 'obtain' && keyNow() === undefined) writeFileSync(file('key'), candidate)
  const answer = JSON.stringify({ key: keyNow() })
  await pass('after ' + act)
  console.log('tokenward:' + answer)
})
`

const { execPath } = process
const app = 'my-cli'
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-moving-'))
  const program = join(folder, 'keyring')
  writeFileSync(program, `#!${execPath}\n${KEYRING}`, { mode: 0o755 })
  process.execPath = program
  vi.stubEnv('XDG_STATE_HOME', folder)
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', 'asked through the program')
})
afterEach(() => {
  process.execPath = execPath
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

const inFile = () => fileStore({ app })
const inKeyring = () => keyringStore({ service: app, account: 'default' })
const inEither = () => localStore({ app })

/** Holds it at this point, until it is let go. */
function hold(point: string): () => void {
  const path = join(folder, `hold ${point}`)
  writeFileSync(path, '')
  return () => rmSync(path)
}

async function passed(point: string): Promise<void> {
  const asked = join(folder, 'asked')
  const points = () => (existsSync(asked) ? readFileSync(asked, 'utf8') : '')
  await vi.waitFor(() => expect(points().split('\n')).toContain(point), { timeout: 10_000 })
}

function record(sessionId: string, version: number): StoredSession {
  return { sessionId, version, tokens: { accessToken: 'a', tokenType: 'Bearer', issuedAt: 1 } }
}

/** Of a session in the keyring, up to where its key is about to be removed: the file is in clear. */
async function beginMove() {
  await inKeyring().save(record('before', 1), { ifVersion: undefined })
  const remove = hold('before remove')
  rmSync(join(folder, 'asked'))
  const moved = moveSession({ from: inKeyring(), to: inFile() })
  await passed('before remove')
  expect(await inFile().load()).toMatchObject({ sessionId: 'before' })
  return { moved, remove }
}

const login = record('the login', 7)

describe.skipIf(process.platform === 'win32').each([
  ['keyringStore', inKeyring],
  ['localStore', inEither],
])('a login by %s while the session before it is moved out of the keyring', (_, store) => {
  it('keeps its key, which is removed after it was saved', async () => {
    const { moved, remove } = await beginMove()
    expect(await store().save(login, { ifVersion: undefined })).toBe(true)
    remove()
    expect(await moved).toBe(true)
    expect(await store().load()).toMatchObject(login)
  })

  it('keeps its key, which is removed before it is saved', async () => {
    const { moved, remove } = await beginMove()
    const answer = hold('after obtain')
    const saved = store().save(login, { ifVersion: undefined })
    await passed('after obtain')
    remove()
    expect(await moved).toBe(true)
    answer()
    expect(await saved).toBe(true)
    expect(await store().load()).toMatchObject(login)
  })

  it('is written again with the key that a third one has put there in the meantime', async () => {
    const { moved, remove } = await beginMove()
    const answer = hold('after obtain')
    const saved = store().save(login, { ifVersion: undefined })
    await passed('after obtain')
    remove()
    await moved
    writeFileSync(join(folder, 'key'), 'K'.repeat(43))
    answer()
    expect(await saved).toBe(true)
    expect(await store().load()).toMatchObject(login)
  })
})
