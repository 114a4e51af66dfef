import { describe, expect, it } from 'vitest'
import { useScene } from './support/scene.js'

const scene = useScene()
const issued = () => scene.server.stats.tokenRequests

describe("a process whose token another has renewed adopts the other's", () => {
  it('when its own has expired', async () => {
    await scene.logIn()
    const [one, two] = await scene.start(2)
    await two!.ask('session') // has seen the expired one
    const { value } = await one!.ask('token')
    expect(await two!.ask('token')).toMatchObject({ value })
    expect(issued()).toBe(1)
  })

  it('when its own was rejected', async () => {
    await scene.logIn(scene.server.login())
    const [one, two] = await scene.start(2)
    const { value: rejected } = await one!.ask('token')
    expect(await two!.ask('token')).toMatchObject({ value: rejected })
    const { value } = await one!.ask('rejected', rejected)
    expect(await two!.ask('rejected', rejected)).toMatchObject({ value })
    expect(issued()).toBe(1)
  })

  it('when its own is due: it goes on with its own meanwhile', async () => {
    await scene.logIn(scene.server.login())
    const [one, late] = await scene.start(2)
    const { value: before } = await late!.ask('token')
    const inItsWindowMs = 250_000
    await Promise.all([one!, late!].map((each) => each.ask('moveClock', inItsWindowMs)))
    const { value } = await one!.ask('refresh')
    expect(await late!.ask('token')).toMatchObject({ value: before })
    await late!.told('adopted')
    expect(await late!.ask('session')).toMatchObject({ value })
    expect(issued()).toBe(1)
  })
})

describe("another process's logout", () => {
  it('is seen at the next look, before anything is spent', async () => {
    await scene.logIn()
    const [one, two] = await scene.start(2)
    await two!.ask('session')
    await one!.ask('logout')
    expect(await two!.ask('token')).toMatchObject({ error: { code: 'ERR_LOGIN_REQUIRED' } })
    expect(issued()).toBe(0)
  })
})

describe("another process's login", () => {
  it('is seen by one whose token has expired, before anything is spent', async () => {
    await scene.logIn()
    const [one, two] = await scene.start(2)
    await two!.ask('session')
    const login = scene.server.login({ sub: 'another' })
    await one!.ask('login', login)
    const reason = 'session-changed' // the call began with the other one
    expect(await two!.ask('token')).toMatchObject({ error: { code: 'ERR_LOGIN_REQUIRED', reason } })
    expect(await two!.ask('token')).toMatchObject({ value: login.access_token })
    expect(issued()).toBe(0)
  })

  it.each(['logout', 'the end that the server made', 'no login yet'])(
    'revives one whose session has ended: by %s',
    async (end) => {
      if (end !== 'no login yet') await scene.logIn()
      const [one, two] = await scene.start(2)
      if (end === 'logout') await two!.ask('logout')
      if (end === 'the end that the server made') scene.server.next({ error: 'invalid_grant' })
      expect(await two!.ask('token')).toMatchObject({ error: { code: 'ERR_LOGIN_REQUIRED' } })

      const login = scene.server.login()
      await one!.ask('login', login)
      await expect.poll(() => two!.ask('token')).toMatchObject({ value: login.access_token })
    },
  )
})

describe('a logout with revocation, during the refresh of another process', () => {
  it('stands: what the refresh brings is not stored, and is revoked', async () => {
    await scene.logIn()
    const [one, two] = await scene.start(2)
    const gate = scene.server.hold({ when: 'after' })
    const refreshing = one!.ask('token')
    await gate.arrived
    expect(await two!.ask('logout')).toEqual({ kind: 'answer', id: 1 })
    expect(await scene.stored()).toMatchObject({ tokens: null })

    gate.release()
    expect(await refreshing).toMatchObject({ error: { code: 'ERR_LOGIN_REQUIRED' } })
    expect(await scene.stored()).toMatchObject({ tokens: null })
    await one!.ask('close') // waits for the revocation of what nobody will use
    expect(scene.server.stats.revocations).toBeGreaterThanOrEqual(2)
  })
})
