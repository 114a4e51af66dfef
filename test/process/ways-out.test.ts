import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileStore } from 'tokenward/cli'
import { describe, expect, it } from 'vitest'
import type { WayOut } from './support/protocol.js'
import { logInAt, useBundle, useFolder, useServer } from './support/resources.js'
import { expired } from './support/scene.js'

const script = useBundle('way-out')
const folder = useFolder()
const server = useServer()

const path = () => join(folder(), 'session.json')
const isRenewed = async () => {
  const stored = await fileStore({ path: path() }).load()
  return (stored?.tokens?.expiresAt ?? 0) > Date.now()
}

interface Leaving {
  signal?: NodeJS.Signals
  /** Who reads what it prints goes away, as `head -1` does. */
  isReaderGone?: boolean
}

/**
 * Leaves while its request is held at the server, which answers some time later: what does not wait
 * has gone by then.
 */
async function leave(way: WayOut['way'], { signal, isReaderGone }: Leaving = {}) {
  const gate = server().hold()
  await logInAt(path(), expired(server()))
  const setting: WayOut = { issuer: server().issuer, path: path(), way }
  const child = spawn(process.execPath, [script()], {
    env: { ...process.env, SETTING: JSON.stringify(setting) },
  })
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const stderr = text(child.stderr)
  await Promise.all([gate.arrived, once(child.stdout, 'data')])
  if (isReaderGone) child.stdout.destroy()
  child.stdin.on('error', () => {}).write('\n')
  if (!isReaderGone) await once(child.stdout, 'data') // it leaves
  child.stdout.resume()
  if (signal) child.kill(signal)
  gate.release({ delayMs: 300 })
  const [code, endedBy] = await closed
  return { end: endedBy ?? code, stderr: await stderr, isRenewed: await isRenewed() }
}

describe('a refresh on the wire is saved before the process ends', () => {
  it.each(['throw', 'reject'] as const)('by an error that nobody caught: %s', async (way) => {
    const { stderr, ...outcome } = await leave(way)
    expect(outcome).toEqual({ end: 1, isRenewed: true })
    expect(stderr).toContain('Error: the bug\n    at ')
    expect(stderr.split('Error: the bug')).toHaveLength(2) // said once
  })

  // claude-code#3917
  it('because its reader has gone, as with `| head -1`, and that is no error', async () => {
    const outcome = await leave('broken pipe', { isReaderGone: true })
    expect(outcome).toEqual({ end: 141, stderr: '', isRenewed: true })
  })

  it("because another library's listener throws at Ctrl-C", async () => {
    const { isRenewed } = await leave('listener throws', { signal: 'SIGINT' })
    expect(isRenewed).toBe(true)
  })

  it('because nothing is left to do, where it could not be saved before', async () => {
    const { isRenewed } = await leave('idle')
    expect(isRenewed).toBe(true)
  })

  it('by process.exit(), where `run` has thrown what its main function threw', async () => {
    const { stderr, ...outcome } = await leave('main throws')
    expect(outcome).toEqual({ end: 5, isRenewed: true })
    expect(stderr).toBe('caught: Error: the API answered 404\n')
  })

  it('by process.exit(), where `run` has returned', async () => {
    const outcome = await leave('main returns')
    expect(outcome).toEqual({ end: 0, stderr: '', isRenewed: true })
  })
})

describe('Ctrl-C', () => {
  it.each(['Ctrl-C', 'Ctrl-C uncaught'] as const)(
    'shows nobody that the manager is closed: %s',
    async (way) => {
      const outcome = await leave(way, { signal: 'SIGINT' })
      expect(outcome).toEqual({ end: 'SIGINT', stderr: '', isRenewed: true })
    },
  )
})

describe('Ctrl-C with a listener of your own that stays', () => {
  it('is ended by that one, and an error of the closed manager by nobody', async () => {
    const outcome = await leave('Ctrl-C for others', { signal: 'SIGINT' })
    expect(outcome).toEqual({ end: 7, stderr: '', isRenewed: true })
  })
})

describe('an error that nobody caught, with a listener of your own', () => {
  it('is yours: nothing is closed, and the process goes on', async () => {
    const outcome = await leave('own listener')
    expect(outcome).toEqual({ end: 0, stderr: 'own: the bug\n', isRenewed: true })
  })
})
