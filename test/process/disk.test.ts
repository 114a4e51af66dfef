import { rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logInAt } from './support/resources.js'
import { expired, useScene } from './support/scene.js'
import { mountSmallDisk, whyNoDisk, type SmallDisk } from './support/tmpfs.js'

const scene = useScene()
const requests = () => scene.server.stats.tokenRequests

const noDisk = await whyNoDisk()

// buildkite/cli#982: rotating into a store that cannot be written
describe.skipIf(noDisk)(`on a disk of its own${noDisk ? `: ${noDisk}` : ''}`, () => {
  let disk: SmallDisk
  let path: string
  beforeEach(async () => {
    disk = await mountSmallDisk()
    path = join(disk.path, 'state', 'session.json')
    await logInAt(path, expired(scene.server))
  })
  afterEach(() => disk.unmount())

  const ballast = () => join(disk.path, 'ballast')
  const fill = async () => {
    const error = await writeFile(ballast(), Buffer.alloc(65_536)).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'ENOSPC' })
  }

  it.each([
    ['that is full', fill, () => rm(ballast())],
    ['that can only be read', () => disk.makeReadOnly(), () => disk.makeWritable()],
  ])('%s: an error before anything is spent, and the session is whole', async (_, spoil, mend) => {
    const process = await scene.startOne({ path, timing: { retry: { attempts: 1 } } })
    await spoil()
    const error = { code: 'ERR_TOKEN_STORE', reason: 'unwritable' }
    expect(await process.ask('token')).toMatchObject({ error })
    expect(requests()).toBe(0)

    await mend()
    const { value } = await (await scene.startOne({ path })).ask('token')
    expect(scene.server.isValid(value as string)).toBe(true)
    expect(scene.server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it.each([
    ['that is full', fill, /the disk of .* is full\. Make room/],
    ['that can only be read', () => disk.makeReadOnly(), /is read-only\. Make it writable/],
  ])('%s: is told before a login', async (_, spoil, message) => {
    const store = fileStore({ path })
    await store.check()
    await spoil()
    const told = { code: 'ERR_TOKEN_STORE', reason: 'unwritable', isTransient: false }
    await expect(store.check()).rejects.toMatchObject(told)
    await expect(store.check()).rejects.toThrow(message)
  })

  it('that is full when the answer comes: the token is used, and saved once there is room', async () => {
    const process = await scene.startOne({ path, holdAt: 'answered' })
    const answer = process.ask('token')
    await process.held()
    await fill()
    await process.ask('goOn')
    const { value } = await answer
    expect(scene.server.isValid(value as string)).toBe(true)
    await process.told('saveFailed')

    await rm(ballast())
    await process.ask('close')
    expect(await (await scene.startOne({ path })).ask('session')).toMatchObject({ value })
    expect(requests()).toBe(1)
  })
})

describe('a folder that is removed', () => {
  it('meanwhile: the session has ended, and the next login makes it anew', async () => {
    await scene.logIn()
    const process = await scene.startOne()
    await process.ask('session')
    await rm(dirname(scene.path), { recursive: true })
    const error = { code: 'ERR_LOGIN_REQUIRED', reason: 'gone' }
    expect(await process.ask('token')).toMatchObject({ error })
    expect(requests()).toBe(0)

    const login = scene.server.login()
    expect(await process.ask('login', login)).not.toHaveProperty('error')
    const other = await scene.startOne()
    expect(await other.ask('token')).toMatchObject({ value: login.access_token })
  })

  it('during a refresh: its answer is saved all the same', async () => {
    await scene.logIn()
    const process = await scene.startOne({ holdAt: 'answered' })
    const answer = process.ask('token')
    await process.held()
    await rm(dirname(scene.path), { recursive: true })
    await process.ask('goOn')
    const { value } = await answer
    expect(scene.server.isValid(value as string)).toBe(true)
    expect(await scene.stored()).toMatchObject({ tokens: { accessToken: value } })
    expect(requests()).toBe(1)
  })
})
