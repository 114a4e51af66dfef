import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it, vi } from 'vitest'
import {
  missingOfKeyring,
  startSessionBus,
  type SessionBus,
} from '../support/keyring/session-bus.js'
import { expired, useScene } from './support/scene.js'

/** As few as may meet, each of which asks the keyring in a process of its own. */
const PROCESSES = 6

const missing = process.env.TOKENWARD_REQUIRE_ALL ? undefined : missingOfKeyring()

describe.skipIf(missing !== undefined)(
  `${PROCESSES} processes with one session in the keyring${missing ? ` (${missing})` : ''}`,
  () => {
    const scene = useScene()
    let home: string
    let bus: SessionBus
    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'tokenward-keyring-'))
      bus = await startSessionBus(home, true)
    })
    afterAll(async () => {
      await bus.stop()
      rmSync(home, { recursive: true })
    })
    beforeEach(() => vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', bus.address))
    afterEach(() => vi.unstubAllEnvs())

    it('and an expired token: one token request, all succeed, and all read it', async () => {
      const processes = await scene.start(PROCESSES, { account: 'me' })
      expect(await processes[0]!.ask('login', expired(scene.server))).not.toHaveProperty('error')
      const answers = await Promise.all(processes.map((each) => each.ask('token')))
      const { value } = answers[0]!
      expect(scene.server.isValid(value as string)).toBe(true)
      for (const answer of answers) expect(answer).toMatchObject({ value })
      expect(scene.server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
      expect(readFileSync(scene.path, 'utf8')).not.toContain(value)

      const next = await scene.startOne({ account: 'me' })
      expect(await next.ask('token')).toMatchObject({ value })
      await next.ask('logout')
      const reason = 'signed-out'
      const late = await scene.startOne({ account: 'me' })
      expect(await late.ask('token')).toMatchObject({ error: { reason } })
      expect(scene.server.stats.tokenRequests).toBe(1)
    })
  },
)
