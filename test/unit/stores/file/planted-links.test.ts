import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredSession } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder: string
let path: string
let victim: string
let before: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-links-'))
  path = join(folder, 'session.json')
  victim = join(folder, 'another-session.json')
  await fileStore({ path: victim }).save(record(7), { ifVersion: undefined })
  before = readFileSync(victim, 'utf8')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

// In a folder as /tmp is, and where the system lets anybody link to another's file.
describe('a hard link to another file of the user, planted', () => {
  it.each(['lock', '0000000000000000.next', '0000000000000000.next.lock'])(
    'at .%s is not believed, and never written through',
    async (name) => {
      linkSync(victim, `${path}.${name}`)
      const store = fileStore({ path })
      expect(await store.load()).toBeUndefined()
      await store.exclusive!(async (lease) => {
        expect(lease.isHeld()).toBe(true)
        expect(await store.save(record(1), { ifVersion: undefined })).toBe(true)
      })
      expect(await store.load()).toEqual(record(1))
      expect(readFileSync(victim, 'utf8')).toBe(before)
    },
  )

  it('at the name of the lease holds up nobody for longer than its own holder', async () => {
    const other = fileStore({ path: victim })
    await other.exclusive!(async () => {
      linkSync(`${victim}.lock`, `${path}.lock`)
      const patience = AbortSignal.timeout(50)
      const leased = fileStore({ path }).exclusive!(async () => 'in', { signal: patience })
      await expect(leased).rejects.toMatchObject({ reason: 'locked' })
    })
    expect(await fileStore({ path }).exclusive!(async () => 'in')).toBe('in')
  })

  it('at the name of the session is replaced, and not written', async () => {
    linkSync(victim, path)
    expect(await fileStore({ path }).save(record(8), { ifVersion: 7 })).toBe(true)
    expect(readFileSync(victim, 'utf8')).toBe(before)
  })

  it('leaves alone what it was made to seem: a claim without the file that it promises', async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    rmSync(path)
    const foreign = join(folder, 'notes.txt')
    writeFileSync(foreign, 'not a session')
    linkSync(foreign, `${path}.0000000000000000.next`)
    expect(await fileStore({ path }).load()).toBeUndefined()
    expect(readFileSync(foreign, 'utf8')).toBe('not a session')
  })
})

function record(version: number): StoredSession {
  const tokens = { accessToken: `secret-${version}`, tokenType: 'Bearer', issuedAt: 1 }
  return { sessionId: 'a', version, tokens }
}
