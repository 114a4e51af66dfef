import { describe, expect, it } from 'vitest'
import { startAuthorizationServer } from '../support/oidc/authorization-server.js'
import type { CliProcess } from './support/cli-process.js'
import type { Act } from './support/protocol.js'
import { useScene } from './support/scene.js'

const MANY = 20
const LONGER_THAN_A_TOKEN_MS = 600_000

/** All at once; the one token that all of them must get. */
async function askAll(processes: readonly CliProcess[], act: Act, given?: unknown) {
  const answers = await Promise.all(processes.map((each) => each.ask(act, given)))
  expect(answers.filter(({ error }) => error)).toEqual([])
  const tokens = new Set(answers.map(({ value }) => value))
  expect(tokens.size).toBe(1)
  return [...tokens][0] as string
}

// anomalyco/opencode#49439: seven processes, one token file, 27 hours broken
describe(`${MANY} processes with one file and an expired token`, () => {
  const scene = useScene()

  it('make one token request over each of 10 rotations, and all succeed', async () => {
    await scene.logIn()
    const processes = await scene.start(MANY)
    const seen = new Set<string>()
    for (let rotation = 1; rotation <= 10; rotation++) {
      const token = await askAll(processes, 'token')
      expect(scene.server.isValid(token)).toBe(true)
      expect(scene.server.stats).toMatchObject({ tokenRequests: rotation, reuse: 0 })
      seen.add(token)
      await askAll(processes, 'moveClock', LONGER_THAN_A_TOKEN_MS)
    }
    expect(seen.size).toBe(10)
  })

  it('and an API that answers 401 to all of them: one token request, and all succeed', async () => {
    await scene.logIn(scene.server.login())
    const processes = await scene.start(MANY)
    const rejected = await askAll(processes, 'token')
    scene.server.denyAccessToken(rejected)
    const token = await askAll(processes, 'rejected', rejected)
    expect(scene.server.isValid(token)).toBe(true)
    expect(scene.server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it('that start one after the other make one token request', async () => {
    await scene.logIn()
    const answers = Array.from({ length: MANY }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 50))
      return (await scene.startOne()).ask('token')
    })
    const values = (await Promise.all(answers)).map(({ value }) => value)
    expect(new Set(values).size).toBe(1)
    expect(scene.server.isValid(values[0] as string)).toBe(true)
    expect(scene.server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it('and a server that takes 3 s to answer: one token request, and all succeed', async () => {
    await scene.logIn()
    scene.server.always({ delayMs: 3_000 })
    await askAll(await scene.start(MANY), 'token')
    expect(scene.server.stats).toMatchObject({ tokenRequests: 1, reuse: 0 })
  })

  it('at oidc-provider, which rotates and detects reuse: one token request a rotation', async () => {
    const provider = await startAuthorizationServer({ accessTokenTtl: 300 })
    try {
      const { tokens } = await provider.logIn('alice')
      await scene.logIn({ ...tokens, expires_at: 1 })
      const processes = await scene.start(MANY, provider.client)
      for (let rotation = 1; rotation <= 3; rotation++) {
        await askAll(processes, 'token')
        expect(provider.ledger.of('refresh_token')).toHaveLength(rotation)
        await askAll(processes, 'moveClock', LONGER_THAN_A_TOKEN_MS)
      }
      expect(provider.ledger).toMatchObject({ reuse: 0, reuseDetected: 0 })
    } finally {
      await provider.stop()
    }
  })
})
