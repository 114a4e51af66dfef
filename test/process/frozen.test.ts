import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { STEPS } from './support/protocol.js'
import { useBundle } from './support/resources.js'
import { useScene } from './support/scene.js'

const scene = useScene()
const script = useBundle('frozen')
const stepScript = useBundle('frozen-at-step')
const closing: (() => unknown)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

// A paused container, a closed lid, a serverless platform: a late timer is no answer yet.
it('a process frozen behind its response reads it, and sends the refresh token once', async () => {
  const presented: string[] = []
  let arrive!: () => void
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  let respond!: () => void
  const server = createServer((request, response) => {
    request.on('data', (body: Buffer) => presented.push(body.toString()))
    request.on('end', () => {
      const tokens = { access_token: `at-${presented.length}`, refresh_token: 'rt-new', expires_in: 300 } // prettier-ignore
      respond = () => response.setHeader('content-type', 'application/json').end(JSON.stringify(tokens)) // prettier-ignore
      arrive()
      if (presented.length > 1) respond()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  const { port } = server.address() as AddressInfo

  const child = spawn(process.execPath, [script(), `http://127.0.0.1:${port}/token`])
  closing.push(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const pid = Number((await lines.next()).value)
  await arrived
  process.kill(pid, 'SIGSTOP')
  respond()
  await delay(1_500) // three times what the request may take, while nothing of it runs
  process.kill(pid, 'SIGCONT')
  expect((await lines.next()).value).toBe('at-1')
  expect(presented).toEqual(['rt-old'])
})

it.each([
  'before the store is read',
  'before it is sent',
  'before it is saved',
  'after it was saved',
])('a process frozen %s spends each refresh token once, and saves what it got', async (step) => {
  const presented: string[] = []
  const server = createServer((request, response) => {
    request.on('data', (body: Buffer) => presented.push(body.toString()))
    request.on('end', () => {
      const count = presented.length
      const tokens = { access_token: `at-${count}`, refresh_token: `rt-${count}`, expires_in: 300 } // prettier-ignore
      response.setHeader('content-type', 'application/json').end(JSON.stringify(tokens))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (server.closeAllConnections(), server.close()))
  const { port } = server.address() as AddressInfo

  const child = spawn(process.execPath, [stepScript(), `http://127.0.0.1:${port}/token`, step])
  closing.push(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const pid = Number((await lines.next()).value)
  expect((await lines.next()).value).toBe(step)
  process.kill(pid, 'SIGSTOP')
  await delay(1_500) // longer than all attempts together may take
  process.kill(pid, 'SIGCONT')
  expect((await lines.next()).value).toBe(`at-${presented.length} rt-${presented.length}`)
  expect(new Set(presented).size).toBe(presented.length)
})

describe('a process with its session in a file that is frozen for longer than a refresh may take', () => {
  it.each(STEPS)(
    'when it is %s: spends each refresh token once, and saves what it got',
    async (step) => {
      await scene.logIn()
      const timing = { refreshTimeoutMs: 300, retry: { attempts: 1 } }
      const frozen = await scene.startOne({ holdAt: step, timing })
      const answer = frozen.ask('token')
      await frozen.held()
      void frozen.ask('goOn') // which it hears when it goes on
      frozen.signal('SIGSTOP')
      await delay(1_000)
      frozen.signal('SIGCONT')
      await answer
      let token: unknown
      await expect.poll(async () => (token = (await frozen.ask('token')).value), { timeout: 10_000 }).toEqual(expect.any(String)) // prettier-ignore
      expect(scene.server.isValid(token as string)).toBe(true)
      expect(scene.server.stats).toMatchObject({ reuse: 0 })
      expect(await scene.stored()).toMatchObject({ tokens: { accessToken: token } })
    },
  )
})
