import { LoginRequiredError, RefreshUnavailableError, TokenManager } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { watch } from '../support/session/promises.js'
import { recordOf } from '../support/session/records.js'
import { expire, expiredScene, scene } from '../support/session/scene.js'
import { ScriptedStore, fails, gate, hangs } from '../support/session/scripted-store.js'
import { SessionServer } from '../support/session/server.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

const connectionReset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
const connectionRefused = () => Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
const throwsAtOnce = () => {
  throw new Error('disk full')
}
const notNow = () => Object.assign(new Error('unavailable'), { status: 503 })

describe('Law 2, a refresh token is spent once: which one is sent', () => {
  fakeTime()

  // google-auth-library 11.3.4, octokit/auth-oauth-user.js#375, #373: the rotated token was lost.
  it('sends the rotated refresh token next', async () => {
    const server = new SessionServer()
    const tokens = new TokenManager({
      refresh: server.refresh,
      initialTokens: server.login('ann'),
    })
    await tokens.refresh()
    await tokens.refresh()
    expect(server.presented).toEqual(['ann/refresh-1', 'ann/refresh-2'])
    expect(server.reused).toEqual([])
  })

  // simple-oauth2 5.1, AWS fromSso, firebase, botocore: lost when the answer left it out.
  it('keeps the refresh token, the scope and the ID token that an answer leaves out', async () => {
    const sent: string[] = []
    const tokens = new TokenManager({
      initialTokens: {
        accessToken: 'a1',
        refreshToken: 'r1',
        scope: 'read',
        idToken: 'id',
        expiresIn: 300,
      },
      refresh: ({ refreshToken }) => {
        sent.push(refreshToken)
        return Promise.resolve({ access_token: `a${sent.length + 1}`, expires_in: 300 })
      },
    })
    await tokens.refresh()
    await tokens.refresh()
    expect(sent).toEqual(['r1', 'r1'])
    expect(await tokens.getTokens()).toMatchObject({ scope: 'read', idToken: 'id' })
  })

  // DuendeArchive/Support#1286: the refresh token was read before the lock was there.
  it('sends what the store holds once the lease is there, not what was known before', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    await tokens.getTokens()
    const lease = gate()
    store.next('exclusive', lease)
    const call = tokens.getAccessToken()
    await lease.arrived
    const rotated = server.process('ann/refresh-1') // by another process, and already expired
    store.put(recordOf({ ...rotated, expiresIn: 0.001 }, { version: 6 }))
    await pass(10)
    lease.open()
    await settle()
    expect(requests.last.refreshToken).toBe('ann/refresh-2')
    requests.last.answer()
    expect(await call).toBe('ann/access-3')
    expect(server.reused).toEqual([])
  })

  it('spends nothing where the store holds a newer token that is good', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    await tokens.getTokens()
    store.put(recordOf(server.process('ann/refresh-1'), { version: 6 }))
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
    expect(requests.all).toHaveLength(0)
  })

  it('does not take over a newer token that was rejected too', async () => {
    const { server, requests, store, manager } = scene()
    const one = manager()
    const two = manager()
    const first = await one.getAccessToken()
    await two.getAccessToken()
    store.put(recordOf(server.process('ann/refresh-1'), { version: 6 }))
    const calls = [one.refresh({ rejected: first }), one.refresh({ rejected: 'ann/access-2' })]
    await settle()
    requests.all.forEach((request) => request.answer())
    const answers = await Promise.all(calls)
    expect(answers[1]).toBe('ann/access-3')
    expect(server.reused).toEqual([])
  })
})

describe('Law 2, a refresh token is spent once: the lease', () => {
  fakeTime()

  it('is checked just before sending: lost, it is taken again and the store looked at anew', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    await tokens.getTokens()
    let checks = 0
    store.lease = {
      isHeld: () => {
        if (++checks > 1) return true
        store.put(recordOf(server.process('ann/refresh-1'), { version: 6 })) // who took it over
        return false
      },
    }
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
    expect(requests.all).toHaveLength(0)
    expect(store.calls.filter((call) => call === 'exclusive')).toHaveLength(2)
  })

  it('sends nothing at all while it is lost again and again', async () => {
    const { requests, store, manager } = expiredScene()
    store.lease = { isHeld: () => false }
    await expect(manager().getAccessToken()).rejects.toMatchObject({
      code: 'ERR_REFRESH_UNAVAILABLE',
      outcome: 'not-sent',
    })
    expect(requests.all).toHaveLength(0)
  })

  it('is checked again before a second try', async () => {
    const { requests, store, manager } = expiredScene()
    let isHeld = true
    store.lease = { isHeld: () => isHeld }
    const call = watch(manager().getAccessToken())
    await settle()
    isHeld = false
    requests.last.fail(notNow())
    await pass(1_000)
    expect(requests.all).toHaveLength(1)
    expect(call.status).toBe('rejected')
  })

  it('saves what came although the lease was lost meanwhile', async () => {
    const { requests, store, manager } = expiredScene()
    const call = manager().getAccessToken()
    await settle()
    store.lease = { isHeld: () => false }
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('is where a store says that it cannot be written: nothing is spent then', async () => {
    const { requests, store, manager } = expiredScene()
    store.always('exclusive', () => Promise.reject(new Error('EROFS: read-only file system')))
    await expect(manager().getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    expect(requests.all).toHaveLength(0)
  })
})

describe('Law 2, a refresh token is spent once: nobody knows what became of the request', () => {
  fakeTime()

  it('sends it once more in the same cycle, after a look, and not a third time', async () => {
    const { requests, store, manager } = expiredScene()
    const call = watch(manager().getAccessToken())
    await settle()
    const looks = () => store.calls.filter((operation) => operation === 'load').length
    const before = looks()
    requests.last.fail(connectionReset())
    await pass(1_000)
    expect(requests.all).toHaveLength(2)
    expect(looks()).toBe(before + 1)
    requests.last.fail(connectionReset())
    await pass(5_000)
    expect(requests.all).toHaveLength(2)
    expect(call.error).toBeInstanceOf(RefreshUnavailableError)
    expect(call.error).toMatchObject({ outcome: 'unknown' })
  })

  it('does not send it once more where the look finds that another process has renewed', async () => {
    const { server, requests, store, manager } = expiredScene()
    const call = manager().getAccessToken()
    await settle()
    requests.last.fail(connectionReset())
    store.put(recordOf(server.process('ann/refresh-1'), { version: 6 }))
    await pass(1_000)
    expect(await call).toBe('ann/access-2')
    expect(requests.all).toHaveLength(1)
  })

  it('sends it again only after the cool-down', async () => {
    const { requests, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await settle()
    requests.last.fail(connectionReset())
    await pass(900)
    requests.last.fail(connectionReset())
    await settle()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ outcome: 'not-sent' })
    await expect(tokens.refresh()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(requests.all).toHaveLength(2)
    await pass(1_000)
    const later = tokens.getAccessToken()
    await settle()
    expect(requests.all).toHaveLength(3)
    requests.last.answer()
    expect(await later).toBe('ann/access-2')
  })

  it('does not send it a third time because the lease was lost in between', async () => {
    const { requests, store, manager } = expiredScene()
    let losses = 0
    const loseOnce = () => (losses = 1)
    store.lease = { isHeld: () => losses-- <= 0 }
    void watch(manager().getAccessToken())
    await settle()
    requests.last.fail(connectionReset())
    loseOnce()
    await pass(1_000)
    expect(requests.all).toHaveLength(2)
    requests.last.fail(connectionReset())
    await pass(1_000)
    expect(requests.all).toHaveLength(2)
  })

  it('tries what surely was not sent, or was answered "later", again', async () => {
    const { requests, manager } = expiredScene()
    const call = manager().getAccessToken()
    await settle()
    requests.last.fail(connectionRefused())
    await pass(1_000)
    requests.last.fail(notNow())
    await pass(1_000)
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
    expect(requests.all).toHaveLength(3)
  })
})

describe('Law 2, a refresh token is spent once: an answer after the timeout', () => {
  fakeTime()

  it('aborts the signal of a request that takes too long, and sends it once more', async () => {
    const { requests, manager } = expiredScene()
    const call = manager().getAccessToken()
    await settle()
    requests.last.signal.addEventListener('abort', () => requests.all[0]!.fail(connectionReset()))
    await pass(11_000)
    expect(requests.all[0]!.signal.aborted).toBe(true)
    expect(requests.all).toHaveLength(2)
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
  })

  it('is not sent again while its late answer is being saved', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(31_000) // the cycle has given up; the user's function has not
    const slowSave = gate()
    store.next('save', slowSave)
    requests.last.answer()
    await slowSave.arrived
    await pass(2_000)
    const call = watch(tokens.getAccessToken())
    await settle()
    slowSave.open()
    await settle()
    requests.all.slice(1).forEach((request) => request.answer())
    await settle()
    expect(server.reused).toEqual([])
    expect(call.value).toBe('ann/access-2')
  })

  it('is not sent again by a cycle that had looked just before the late answer came', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(40_000)
    const late = requests.last.process()
    store.next('load', async (perform) => {
      const found = await perform()
      late.arrive()
      return found
    })
    const call = watch(tokens.getAccessToken())
    await pass(100)
    requests.all.slice(1).forEach((request) => request.answer())
    await pass(100)
    expect(server.reused).toEqual([])
    expect(call.value).toBe('ann/access-2')
  })

  it('that refuses an old refresh token says nothing about the one in the store', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const first = watch(tokens.getAccessToken())
    await pass(31_000)
    expect(first.status).toBe('rejected')
    // Another process renewed meanwhile; ours takes that over, and an API rejects it.
    store.put(recordOf(server.process('ann/refresh-1'), { version: 6 }))
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
    const renewed = watch(tokens.refresh({ rejected: 'ann/access-2' }))
    await settle()
    requests.all[0]!.fail(new LoginRequiredError()) // the server: "refresh-1 was spent"
    await pass(1_000)
    requests.all.slice(1).forEach((request) => request.answer())
    await settle()
    expect(renewed.value).toBe('ann/access-3')
    expect(store.record?.tokens).not.toBeNull()
  })
})

describe('Law 2, a refresh token is spent once: the answer cannot be stored as planned', () => {
  fakeTime()

  it('sends the next one only once the answer is saved whose save had timed out', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const first = tokens.getAccessToken()
    await settle()
    const landLate = gate()
    store.next('save', landLate)
    requests.last.answer()
    await pass(5_000)
    expect(await first).toBe('ann/access-2') // in force, not known to be stored

    store.always('save', hangs)
    await pass(30_000) // tried again as long as the lease was held
    expire()
    const second = watch(tokens.getAccessToken())
    await pass(5_000) // once more, first thing in the next refresh
    expect(second.error).toMatchObject({ code: 'ERR_TOKEN_STORE', operation: 'save' })
    expect(requests.all).toHaveLength(1)

    store.always('save')
    landLate.open()
    await pass(6_000) // a save in the background may still hang
    const third = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await third).toBe('ann/access-3')
    expect(server.presented).toEqual(['ann/refresh-1', 'ann/refresh-2'])
    expect(store.storedToken).toBe('ann/access-3')
  })

  it('keeps the answer where the store fell back to an older version meanwhile (a failover)', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const before = store.record!
    const first = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    await first
    expire()
    const second = watch(tokens.getAccessToken())
    await settle()
    store.put(before)
    requests.last.answer()
    await pass(1_000)
    requests.all.slice(2).forEach((request) => request.answer())
    await pass(1_000)
    expect(server.reused).toEqual([])
    expect(second.value).toBe('ann/access-3')
    expect(store.storedToken).toBe('ann/access-3')
  })

  it('sends nothing where the store had fallen back and cannot be brought up to date', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const before = store.record!
    const first = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    await first
    expire()
    store.put(before)
    store.next('save', fails)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    expect(requests.all).toHaveLength(1)

    const later = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await later).toBe('ann/access-3')
    expect(server.presented).toEqual(['ann/refresh-1', 'ann/refresh-2'])
  })
})

describe('Law 2, a refresh token is spent once: a store that cannot be written', () => {
  fakeTime()

  // buildkite/cli#982: it was found out only after the refresh token had been spent.
  it.each([
    ['rejects', fails],
    ['hangs', hangs],
    ['throws at once', throwsAtOnce],
    ['resolves to nothing', () => Promise.resolve(undefined)],
  ])('is found out before: nothing is sent where save %s', async (_how, behaviour) => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    store.always('note', behaviour)
    const call = watch(tokens.getAccessToken())
    await pass(5_000)
    expect(call.error).toMatchObject({ code: 'ERR_TOKEN_STORE', operation: 'save' })
    expect(requests.all).toEqual([])
    expect(store.storedToken).toBe('ann/access-1')

    store.always('note')
    const later = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await later).toBe('ann/access-2')
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('is found out inside the lease, by the note that the refresh token is being spent', async () => {
    const { requests, store, manager } = expiredScene()
    const before = store.record!
    void watch(manager().getAccessToken())
    await settle()
    expect(store.calls).toEqual(['load', 'exclusive', 'load', 'note'])
    expect(store.record).toMatchObject({
      tokens: before.tokens,
      ancestors: [5],
      refreshTokenVersion: 5,
      spending: { since: Date.now(), by: expect.stringContaining(`${process.pid}@`), attempts: 1 },
    })
    expect(requests.all).toHaveLength(1)
  })

  it('is found out before a second try too', async () => {
    const { requests, store, manager } = expiredScene()
    const call = watch(manager().getAccessToken())
    await settle()
    store.always('note', fails)
    requests.last.fail(notNow())
    await pass(1_000)
    expect(requests.all).toHaveLength(1)
    expect(call.error).toMatchObject({ code: 'ERR_TOKEN_STORE' })
  })

  it('is no matter to an access token that is in the store already', async () => {
    const { server, requests, store, manager } = expiredScene()
    store.always('note', fails)
    store.put(recordOf(server.process('ann/refresh-1'), { version: 6 }))
    expect(await manager().getAccessToken()).toBe('ann/access-2')
    expect(requests.all).toEqual([])
  })

  it('does not take a record that was replaced meanwhile for one: it looks again', async () => {
    const { server, requests, store, manager } = expiredScene()
    const another = recordOf(server.process('ann/refresh-1'), { version: 6 })
    store.next('note', (perform) => (store.put(another), perform()))
    expect(await manager().getAccessToken()).toBe('ann/access-2')
    expect(requests.all).toEqual([])
  })

  it('sends nothing for a session that ended while that was found out', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const rehearsing = gate()
    store.next('note', rehearsing)
    const call = watch(tokens.getAccessToken())
    await rehearsing.arrived
    await tokens.signOut()
    rehearsing.open()
    await settle()
    expect(call.error).toMatchObject({ reason: 'signed-out' })
    expect(requests.all).toEqual([])
    expect(store.record).toMatchObject({ tokens: null, ended: { reason: 'signed-out' } })
  })

  it('counts what was sent, and not again what is waited for once more', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(31_000) // two attempts at one request, which ignores its signal
    expect(requests.all).toHaveLength(1)
    expect(store.record?.spending).toMatchObject({ attempts: 1 })
    void watch(tokens.getAccessToken())
    await pass(31_000)
    expect(requests.all).toHaveLength(1)
    expect(store.record?.spending).toMatchObject({ attempts: 1 })
  })

  it('counts nothing that was not sent since the lease was lost behind the mark', async () => {
    const { requests, store, manager } = expiredScene()
    let isHeld = true
    store.lease = { isHeld: () => isHeld }
    store.next('note', async (perform) => {
      const isSaved = await perform()
      isHeld = false
      return isSaved
    })
    await expect(manager().getAccessToken()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(requests.all).toEqual([])
    expect(store.record?.spending).toBeUndefined()
  })

  it('counts nothing that was not sent since the store took too long over the mark', async () => {
    const { requests, store, manager } = expiredScene()
    vi.spyOn(Math, 'random').mockReturnValue(0) // no pauses
    void watch(manager().getAccessToken())
    await pass(9_900)
    requests.last.fail(notNow())
    await pass(9_800)
    const marking = gate()
    store.next('note', marking)
    requests.last.fail(notNow())
    await pass(1)
    await marking.arrived
    await pass(4_500)
    marking.open()
    await settle()
    expect(requests.all).toHaveLength(2)
    expect(store.record?.spending).toBeUndefined()
  })

  it('tells how a refresh ended that must not send once more', async () => {
    const { requests, store, manager } = expiredScene()
    const spending = { since: Date.now() - 120_000, by: '7@web-1', attempts: 2 }
    store.put({ ...store.record!, spending })
    void watch(manager().getAccessToken())
    await settle()
    requests.last.fail(notNow())
    await pass(1_000)
    expect(requests.all).toHaveLength(1) // three are open: the next has to wait
    expect(store.record).toMatchObject({ spending: { attempts: 2 }, coolDown: {} })
    expect(store.record?.journal?.at(-1)).toMatchObject({ what: 'failed', status: 503 })
  })

  it('checks the lease after that, not before', async () => {
    const { requests, store, manager } = expiredScene()
    let isHeld = true
    store.lease = { isHeld: () => isHeld }
    store.always('note', (perform) => ((isHeld = false), perform()))
    await expect(manager().getAccessToken()).rejects.toMatchObject({ outcome: 'not-sent' })
    expect(requests.all).toEqual([])
  })

  it.each(Array.from({ length: 24 }, (_, steps) => steps))(
    'is no gap through which an answer slips that comes late: %d steps after the store’s',
    async (steps) => {
      const { server, requests, store, manager } = expiredScene()
      const tokens = manager({ retry: { attempts: 1 } })
      const first = watch(tokens.getAccessToken())
      await pass(10_000) // its request ignores the signal
      expect(first.error).toMatchObject({ outcome: 'unknown' })
      const late = requests.last.process()
      await pass(1_000)
      const reading = gate()
      store.next('load', reading)
      const second = watch(tokens.getAccessToken())
      await reading.arrived
      reading.open()
      for (let step = 0; step < steps; step++) await Promise.resolve()
      late.arrive()
      await settle()
      requests.all.slice(1).forEach((request) => request.answer())
      await settle()
      expect(second.value).toBe('ann/access-2')
      expect(server.reused).toEqual([])
    },
  )

  it('keeps the seed of a store that holds nothing from being spent', async () => {
    const server = new SessionServer()
    const store = new ScriptedStore()
    const initialTokens = server.login('ann')
    const tokens = new TokenManager({ refresh: server.refresh, store, initialTokens })
    expire()
    store.always('save', fails)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    expect(server.presented).toEqual([])
    store.always('save')
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
  })

  it('holds nobody back who spends no refresh token', async () => {
    const { requests, store } = expiredScene()
    store.always('note', fails)
    const acquire = () => Promise.resolve({ accessToken: 'acquired', expiresIn: 300 })
    expect(await new TokenManager({ acquire, store }).getAccessToken()).toBe('acquired')
    expect(store.calls).not.toContain('note')
    expect(requests.all).toEqual([])
  })

  it('is not looked for where the store is gone with this process', async () => {
    const { requests, store, manager } = expiredScene()
    Object.assign(store, { inMemory: true })
    const call = manager().getAccessToken()
    await settle()
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
    expect(store.calls).not.toContain('note')
  })
})
