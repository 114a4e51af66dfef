import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { ANOTHER_RUNTIME } from './support/another-runtime.js'
import { runScript } from './support/run-script.js'
import type { CliProcess } from './support/cli-process.js'
import type { Step } from './support/protocol.js'
import { useScene } from './support/scene.js'

const timing = { refreshTimeoutMs: 400, waitTimeoutMs: 800, retry: { attempts: 1 } }
/** What a process waits for a lease at most: the time of a whole refresh, and 5 s. */
const LONGER_THAN_ANY_TIMEOUT_MS = 2.5 * timing.refreshTimeoutMs + 5_000 + 500

const scene = useScene()
let stopped: CliProcess | undefined
afterEach(() => stopped?.signal('SIGCONT'))

/** A process that is stopped (a closed lid, Ctrl-Z) in the middle of its refresh. */
async function stopAt(step: Step) {
  await scene.logIn()
  const holder = await scene.startOne({ holdAt: step, timing })
  const answer = holder.ask('token')
  await holder.held()
  void holder.ask('goOn') // which it hears when it goes on
  holder.signal('SIGSTOP')
  stopped = holder
  return { holder, answer }
}

describe.each(['sending', 'saving the answer', 'renaming the answer'] as const)(
  'a holder of the lease that is stopped when it is %s, for longer than any timeout',
  (step) => {
    it('keeps nobody waiting for ever, and undoes no logout when it goes on', async () => {
      const { holder, answer } = await stopAt(step)
      const other = await scene.startOne({ timing }, ANOTHER_RUNTIME)
      const [asked, loggedOut] = await Promise.all([
        other.ask('token'),
        (await scene.startOne({ timing })).ask('logout'),
        delay(LONGER_THAN_ANY_TIMEOUT_MS),
      ])
      if (step === 'renaming the answer') {
        // It is claimed: whoever finds it finishes it. Or the logout came first.
        const isAdopted = asked.value !== undefined
        if (!isAdopted) expect(asked).toHaveProperty('error.code', 'ERR_LOGIN_REQUIRED')
      } else {
        expect(asked).toHaveProperty('error.code')
      }
      const before = await scene.stored()

      holder.signal('SIGCONT')
      await answer
      await holder.ask('close')
      const after = await scene.stored()
      expect(loggedOut.error).toBeUndefined()
      expect(before).toMatchObject({ tokens: null })
      expect(after).toEqual(before)
    }, 90_000)
  },
)

describe('a program that needs a token while the holder of the lease is stopped', () => {
  it('is told that the lease is held, and ends: nothing waits on for it', async () => {
    await stopAt('sending')
    const { stdout } = await runScript('waits-for-lease.ts', [], { SESSION_FILE: scene.path })
    expect(JSON.parse(stdout)).toEqual({ code: 'ERR_TOKEN_STORE', reason: 'locked' })
  }, 60_000)
})

describe('a login while the holder of the lease is stopped', () => {
  it('is not overwritten when it goes on', async () => {
    const { holder, answer } = await stopAt('saving the answer') // past every look
    const login = scene.server.login({ sub: 'another' })
    expect(await (await scene.startOne({ timing })).ask('login', login)).not.toHaveProperty('error')
    await delay(LONGER_THAN_ANY_TIMEOUT_MS)
    holder.signal('SIGCONT')
    await answer
    await holder.ask('close')
    const { access_token: accessToken } = login
    expect(await scene.stored()).toMatchObject({ tokens: { accessToken } })
  }, 90_000)
})
