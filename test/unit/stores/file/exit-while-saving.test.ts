import { mkdtempSync, rmSync, statSync } from 'node:fs'
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredSession } from 'tokenward'
import { fileStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-exit-'))
  path = join(folder, 'session.json')
})
afterEach(() => {
  restore()
  rmSync(folder, { recursive: true, force: true })
})

const record = (version: number): StoredSession => ({
  sessionId: 'session',
  version,
  tokens: { accessToken: `a${version}`, tokenType: 'Bearer', issuedAt: 0 },
})

/** What a save does to files, apart from reading them. */
const CALLS = ['lstat', 'stat', 'readdir', 'open', 'link', 'rename', 'unlink'] as const

/** Its so many-th call never returns, as if the process ended there: before it took effect, or after. */
function stopAt(
  number: number,
  when: 'before' | 'after',
  of: readonly (typeof CALLS)[number][] = CALLS,
): { reached: Promise<unknown> } {
  let calls = 0
  let arrive!: () => void
  const reached = new Promise<void>((resolve) => (arrive = resolve))
  for (const name of of) {
    const real = fs[name] as (...args: unknown[]) => Promise<unknown>
    vi.spyOn(fs, name).mockImplementation((async (...args: unknown[]) => {
      calls += 1
      if (calls !== number) return real(...args)
      if (when === 'after') await real(...args).then(closed, () => undefined)
      arrive()
      return new Promise(() => undefined)
    }) as never)
  }
  syncBuiltinESMExports()
  return { reached }
}

/** Nobody else will, and Node complains. */
async function closed(result: unknown): Promise<void> {
  if (typeof result === 'object' && result && 'close' in result)
    await (result as fs.FileHandle).close()
}

function restore(): void {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
}

const others = process.listeners('exit')

/** Calls the listeners that were added since, as `process.exit()` does. */
function exit(): void {
  const added = process.listeners('exit').filter((listener) => !others.includes(listener))
  expect(added).toHaveLength(1)
  added[0]!(0)
}

/** @returns whether the save was cut off; else it was over before */
async function exitAt(number: number, when: 'before' | 'after'): Promise<boolean> {
  path = join(folder, `${when} ${number}`, 'session.json') // none that was cut off before comes again
  await fileStore({ path }).save(record(1), { ifVersion: undefined })
  const { reached } = stopAt(number, when)
  const saved = fileStore({ path }).save(record(2), { ifVersion: 1 })
  const isCutOff = await Promise.race([reached.then(() => true), saved.then(() => false)])
  if (isCutOff) exit()
  restore()
  return isCutOff
}

it('nobody listens for the end of the process while nothing is saved', async () => {
  await fileStore({ path }).save(record(1), { ifVersion: undefined })
  expect(process.listeners('exit')).toEqual(others)
})

// Somebody else's `process.exit()`, when the response has arrived and is being saved.
describe.each(['before', 'after'] as const)('a process that ends %s', (when) => {
  it('any step of a save: what was to be saved is there', async () => {
    let steps = 0
    for (let number = 2; await exitAt(number, when); number++) {
      expect(await fileStore({ path }).load(), `step ${number}`).toEqual(record(2))
      expect(await fileStore({ path }).save(record(3), { ifVersion: 2 })).toBe(true)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      steps += 1
    }
    expect(steps).toBeGreaterThan(7)
  })
})

describe('a process that ends in the middle of a save', () => {
  it('overwrites nothing that another has saved in the meantime', async () => {
    await fileStore({ path }).save(record(1), { ifVersion: undefined })
    const { reached } = stopAt(1, 'before', ['link'])
    void fileStore({ path }).save(record(2), { ifVersion: 1 })
    await reached
    restore()
    await fileStore({ path }).save(record(7), { ifVersion: 1 })
    exit()
    expect(await fileStore({ path }).load()).toEqual(record(7))
  })
})
