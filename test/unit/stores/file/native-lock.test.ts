import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

const tryLock = vi.hoisted(() => vi.fn<() => boolean>())
vi.mock('fs-native-extensions', () => ({
  get tryLock() {
    return tryLock()
  },
}))

const RECORD = { sessionId: 'a', version: 1, tokens: null }

let folder: string
beforeEach(() => {
  tryLock.mockReset()
  folder = mkdtempSync(join(tmpdir(), 'tokenward-locks-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Nothing that could not be locked is written, nor done. */
async function expectRefused(told: object): Promise<void> {
  const store = fileStore({ path: join(folder, 'session.json') })
  const refusal = { code: 'ERR_TOKEN_STORE', reason: 'failed', ...told }
  const save = store.save(RECORD, { ifVersion: undefined })
  await expect(save).rejects.toMatchObject({ ...refusal, operation: 'save' })
  const leased = store.exclusive!(async () => expect.fail('done without a lock'))
  await expect(leased).rejects.toMatchObject({ ...refusal, operation: 'exclusive' })
  expect(await store.load()).toBeUndefined()
  expect(readdirSync(folder)).toEqual([])
}

describe('where there are no locks', () => {
  it('a file store says what is missing', async () => {
    tryLock.mockImplementation(() => {
      throw new Error('no binary for this platform')
    })
    await expectRefused({
      message: expect.stringMatching(/fs-native-extensions, which cannot be loaded.*another store/),
      cause: { message: expect.stringContaining('no binary for this platform') },
    })
  })

  it.each(['Bun', 'Deno'])('it says so in %s, and does not even load them', async (runtime) => {
    tryLock.mockImplementation(() => expect.fail('loaded'))
    const name = runtime.toLowerCase()
    Object.defineProperty(process.versions, name, { value: '1.0.0', configurable: true })
    onTestFinished(() => void Reflect.deleteProperty(process.versions, name))
    const message = expect.stringContaining(`work in Node.js and not in ${runtime}`)
    await expectRefused({ message })
    expect(tryLock).not.toHaveBeenCalled()
  })
})
