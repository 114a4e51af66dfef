import { join } from 'node:path'
import { fileStore } from 'tokenward/cli'
import type { Gate } from 'tokenward/testing'
import { describe, expect, it } from 'vitest'
import type { Interruption } from './support/protocol.js'
import { logInAt, useBundle, useFolder, useServer } from './support/resources.js'
import { expired } from './support/scene.js'
import { runInShell, type ShellRun } from './support/shell.js'

const script = useBundle('interrupted')
const folder = useFolder()
const server = useServer()

const pathOf = (name: string) => join(folder(), name, 'session.json')
const expiryOf = async (name: string) =>
  (await fileStore({ path: pathOf(name) }).load())?.tokens?.expiresAt ?? 0
const isRenewed = async (name = 'one') => (await expiryOf(name)) > Date.now()

/** A CLI in the middle of its refreshes: the server has their requests, and holds them. */
async function interruptible(setting: Partial<Interruption> = {}, names = ['one']) {
  const gates = names.map(() => server().hold())
  await Promise.all(names.map((name) => logInAt(pathOf(name), expired(server()))))
  const { issuer } = server()
  const cli = runInShell(script(), { issuer, paths: names.map(pathOf), ...setting })
  await Promise.all(gates.map(({ arrived }) => arrived))
  return { cli, gates: gates as [Gate, ...Gate[]], signal: await signalTo(cli) }
}

async function signalTo(cli: ShellRun) {
  const [pid] = await cli.printed(/^\d+$/)
  return (signal: NodeJS.Signals) => process.kill(Number(pid), signal)
}

describe('a signal during a refresh', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s: it is saved, then the shell sees %i', async (name, status) => {
    const { cli, gates, signal } = await interruptible()
    signal(name)
    gates[0].release({ delayMs: 300 }) // time enough for whoever would not wait
    expect(await cli.status).toBe(status)
    expect(await isRenewed()).toBe(true)
  })

  it('a second one ends the process at once', async () => {
    const { cli, gates, signal } = await interruptible()
    signal('SIGINT')
    signal('SIGTERM')
    expect([130, 143]).toContain(await cli.status)
    gates[0].release()
    expect(await isRenewed()).toBe(false)
  })

  it('the process ends after `timeoutMs`, though the server does not answer', async () => {
    const { cli, signal } = await interruptible({ timeoutMs: 200 })
    signal('SIGINT')
    expect(await cli.status).toBe(130)
  })

  it('where it was undone, the process ends at once', async () => {
    const { cli, signal } = await interruptible({ isUndone: true })
    signal('SIGINT')
    expect(await cli.status).toBe(130)
    expect(await isRenewed()).toBe(false)
  })

  it('several managers, given together and apart: all of them are saved', async () => {
    const names = ['one', 'two', 'three']
    const { cli, gates, signal } = await interruptible({}, names)
    signal('SIGINT')
    for (const [index, gate] of gates.entries()) gate.release({ delayMs: 200 * (index + 1) })
    expect(await cli.status).toBe(130)
    expect(await Promise.all(names.map(isRenewed))).toEqual([true, true, true])
  })
})

describe('a signal for which somebody else listens too', () => {
  it('once: they are called, and the process ends', async () => {
    const { cli, gates, signal } = await interruptible({ listener: 'once' })
    signal('SIGINT')
    await cli.printed(/^own$/)
    gates[0].release()
    expect(await cli.status).toBe(130)
    expect(await isRenewed()).toBe(true)
  })

  it('for good: they are called, and the end is theirs', async () => {
    const { cli, gates, signal } = await interruptible({ listener: 'on' })
    signal('SIGINT')
    gates[0].release()
    expect(await cli.status).toBe(7)
    expect(await isRenewed()).toBe(true)
    expect(cli.lines.filter((line) => line === 'own')).toHaveLength(1)
  })

  it('to clean up, by signal-exit: it cleans up, and the process ends', async () => {
    const { cli, gates, signal } = await interruptible({ listener: 'signal-exit' })
    signal('SIGINT')
    gates[0].release()
    expect(await cli.status).toBe(130)
    expect(cli.lines).toContain('cleaned up')
    expect(await isRenewed()).toBe(true)
  })
})

describe('a process that is not interrupted', () => {
  it('ends by itself once its refresh is saved, though nobody waits for that', async () => {
    const { cli, gates } = await interruptible({ isShort: true })
    gates[0].release({ delayMs: 300 })
    expect(await cli.status).toBe(0)
    expect(await isRenewed()).toBe(true)
  })

  it('and had nothing in flight when the signal came ends at once', async () => {
    await logInAt(pathOf('one'), server().login())
    const cli = runInShell(script(), { issuer: server().issuer, paths: [pathOf('one')] })
    await cli.printed(/^renewed$/)
    ;(await signalTo(cli))('SIGINT')
    expect(await cli.status).toBe(130)
  })
})
