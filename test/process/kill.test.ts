import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ANOTHER_RUNTIME } from './support/another-runtime.js'
import { STEPS, type Step } from './support/protocol.js'
import { useScene, type Scene } from './support/scene.js'

type Fate = 'unspent' | 'spent' | 'saved'

/** What has become of the refresh token, or of what it brought, when a process gets to a step. */
function fateAt(step: Step): Fate {
  const at = (other: Step) => STEPS.indexOf(step) >= STEPS.indexOf(other)
  if (at('renaming the answer')) return 'saved' // it is claimed: whoever comes next finishes it
  return at('answered') ? 'spent' : 'unspent'
}

/** What the next process finds after a `kill -9`. */
async function expectAfterwards({ server, path, ...scene }: Scene, fate: Fate, graceMs = 0) {
  expect(await scene.stored()).toMatchObject({ tokens: { refreshToken: expect.any(String) } })
  const next = await scene.startOne({}, ANOTHER_RUNTIME) // finishes what Node.js left
  const { value, error } = await next.ask('token')
  const isReuse = fate === 'spent'
  if (isReuse && graceMs === 0) {
    expect(error).toMatchObject({ code: 'ERR_LOGIN_REQUIRED', reason: 'invalid-grant' })
  } else {
    expect(server.isValid(value as string)).toBe(true)
    expect((await scene.stored())?.tokens?.accessToken).toBe(value)
  }
  const { reuse, reuseInGrace, tokenRequests } = server.stats
  expect({ reuses: reuse + reuseInGrace, tokenRequests }).toEqual({
    reuses: isReuse ? 1 : 0,
    tokenRequests: isReuse ? 2 : 1,
  })
  await next.ask('logout') // writes, and so sweeps
  const left = await readdir(dirname(path))
  expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([])
}

describe.each([
  ['a server that never takes a refresh token twice', 0],
  ['a server with a grace for reuse', 600_000],
])('a process killed by `kill -9` at %s', (_, reuseGraceMs) => {
  const scene = useScene({ reuseGraceMs })

  it.each(STEPS.map((step) => [step, fateAt(step)] as const))(
    'when it is %s: the token is %s, and the next process goes on from there',
    async (step, fate) => {
      await scene.logIn()
      const killed = await scene.startOne({ dieAt: step })
      await killed.ask('token')
      expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })
      await expectAfterwards(scene, fate, reuseGraceMs)
    },
  )

  it('when the server has its request, and has not looked at it', async () => {
    await scene.logIn()
    const gate = scene.server.hold()
    const killed = await scene.startOne()
    void killed.ask('token')
    await gate.arrived
    await killed.kill()
    const { tokenRequests } = scene.server.stats
    expect(tokenRequests).toBe(1)
    gate.release({ drop: true })
    const next = await scene.startOne()
    expect(scene.server.isValid((await next.ask('token')).value as string)).toBe(true)
    expect(scene.server.stats).toMatchObject({ tokenRequests: 2, reuse: 0, reuseInGrace: 0 })
  })

  it('when the server has spent its token, and not answered yet', async () => {
    await scene.logIn()
    scene.server.next({ when: 'after', delayMs: 60_000 })
    const killed = await scene.startOne()
    void killed.ask('token')
    await expect.poll(() => scene.server.stats.refreshes).toBe(1)
    await killed.kill()
    await expectAfterwards(scene, 'spent', reuseGraceMs)
  })
})

// MSAL extensions (#7148): a dead process's lock file was never broken
describe('a process that waits while another is killed', () => {
  const scene = useScene()

  it('takes over at once', async () => {
    await scene.logIn()
    const killed = await scene.startOne({ holdAt: 'sending' })
    const waiting = await scene.startOne()
    void killed.ask('token')
    await killed.held()
    const answer = waiting.ask('token')
    await killed.kill()
    expect(scene.server.isValid((await answer).value as string)).toBe(true)
    expect(scene.server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })
})
