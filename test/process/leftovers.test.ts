import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { StoredSession } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { describe, expect, it } from 'vitest'
import type { DyingSave } from './support/protocol.js'
import { useBundle, useFolder } from './support/resources.js'

const run = promisify(execFile)
const script = useBundle('dies-while-saving')
const folder = useFolder()

const record = (version: number, sessionId = 'a'): StoredSession => ({
  sessionId,
  version,
  tokens: { accessToken: `AT${version}`, refreshToken: `RT${version}`, tokenType: 'Bearer', issuedAt: 0 }, // prettier-ignore
})

/** @returns how many steps its save had, or `undefined` where it was killed before the last */
async function saveInProcess(setting: DyingSave): Promise<number | undefined> {
  const env = { ...process.env, SETTING: JSON.stringify(setting) }
  try {
    const { stdout } = await run(process.execPath, [script()], { env })
    return Number(stdout)
  } catch (error) {
    if ((error as { signal?: string }).signal === 'SIGKILL') return undefined
    throw error
  }
}

async function newFile(name: string): Promise<string> {
  const path = join(folder(), name, 'session.json')
  await mkdir(dirname(path), { mode: 0o700 })
  await fileStore({ path }).save(record(1), { ifVersion: undefined })
  return path
}

/** Saves at once, each over what both have read. */
async function raceAt(path: string, count: number) {
  const stores = Array.from({ length: count }, () => fileStore({ path }))
  const found = await Promise.all(stores.map((store) => store.load()))
  const saves = stores.map((store, at) =>
    store.save(record(10 + at), { ifVersion: found[at]!.version }),
  )
  return { found: found.map((each) => each!.version), isSaved: await Promise.all(saves) }
}

describe('a save that is killed at any of its steps', () => {
  it('leaves the old session or the new one; of two that save then, one wins, and clears up', async () => {
    const steps = (await saveInProcess({ path: await newFile('whole') }))!
    expect(steps).toBeGreaterThan(5)
    const outcomes = await Promise.all(
      Array.from({ length: steps }, async (_, at) => {
        const path = await newFile(`killed before step ${at + 1}`)
        expect(await saveInProcess({ path, dieAt: at + 1 })).toBeUndefined()
        const left = await readdir(dirname(path))
        const { found, isSaved } = await raceAt(path, 2)
        expect(isSaved.filter(Boolean), path).toHaveLength(1)
        const winner = record(10 + isSaved.indexOf(true))
        expect(await fileStore({ path }).load()).toEqual(winner)
        expect(await readdir(dirname(path)), path).toEqual(['session.json'])
        expect(found[0]).toBe(found[1])
        return { left: left.length - 1, found: found[0]! }
      }),
    )
    // It was worth it: some left files behind, and the claim made the new session count.
    expect(outcomes.filter(({ left }) => left > 0).length).toBeGreaterThan(3)
    const versions = outcomes.map(({ found }) => found)
    expect(versions).toEqual([...versions].sort())
    expect(new Set(versions)).toEqual(new Set([1, 2]))
  })
})
