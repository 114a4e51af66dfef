import fc from 'fast-check'
import { memoryStore, RefreshUnavailableError, TokenManager, type TokenInput } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { watch } from '../support/session/promises.js'
import { recordOf } from '../support/session/records.js'
import { expire, expiredScene, scene } from '../support/session/scene.js'
import { gate, hangs } from '../support/session/scripted-store.js'
import { SessionServer } from '../support/session/server.js'
import { fakeTime, jump, pass, settle } from '../support/session/time.js'

describe('Law 5, a caller owns only its wait: its abort', () => {
  fakeTime()

  // axios-auth-refresh: an abort while waiting settled only after the refresh.
  it('rejects at once, with the signal’s own reason', async () => {
    const { manager } = expiredScene()
    const controller = new AbortController()
    const call = watch(manager().getAccessToken({ signal: controller.signal }))
    await settle()
    const reason = new Error('the user left the page')
    controller.abort(reason)
    await settle()
    expect(call.error).toBe(reason)
  })

  it('rejects as fetch does where the signal has no reason of its own', async () => {
    const { manager } = expiredScene()
    const controller = new AbortController()
    const call = watch(manager().refresh({ signal: controller.signal }))
    await settle()
    controller.abort()
    await settle()
    expect(call.error).toMatchObject({ name: 'AbortError' })
  })

  it('rejects also with a reason that is no error, and with undefined-like ones', async () => {
    const { manager } = expiredScene()
    const controller = new AbortController()
    const call = watch(manager().getAccessToken({ signal: controller.signal }))
    await settle()
    controller.abort('too late')
    await settle()
    expect(call).toMatchObject({ status: 'rejected', error: 'too late' })
  })

  it('rejects a call whose signal was aborted before, and sends nothing for it', async () => {
    const { requests, manager } = expiredScene()
    const tokens = manager()
    const signal = AbortSignal.abort('never mind')
    await expect(tokens.getAccessToken({ signal })).rejects.toBe('never mind')
    await expect(tokens.refresh({ signal })).rejects.toBe('never mind')
    await settle()
    expect(requests.all).toHaveLength(0)
  })

  // `minValidityMs: 0` is no wish, and must not hide that there is a signal.
  it('is its own where it names a validity of 0, the first to come or the last', async () => {
    const { requests, manager } = expiredScene()
    const tokens = manager()
    const [first, last] = [new AbortController(), new AbortController()]
    const calls = [first, undefined, last].map((controller) =>
      watch(
        tokens.getAccessToken({
          minValidityMs: 0,
          ...(controller && { signal: controller.signal }),
        }),
      ),
    )
    await settle()
    first.abort('gone')
    last.abort('gone')
    await settle()
    expect(calls.map(({ status }) => status)).toEqual(['rejected', 'pending', 'rejected'])
    expect(requests.all).toHaveLength(1)
  })

  // Azure tokenCycler: the first caller's abort killed everyone's refresh.
  // golang/oauth2#388: the first caller's context was captured for ever.
  it.each(['first', 'second', 'third'])(
    'of the %s caller touches neither the refresh nor the others',
    async (who) => {
      const { requests, manager } = expiredScene()
      const tokens = manager()
      const controllers = [1, 2, 3].map(() => new AbortController())
      const calls = controllers.map(({ signal }) => watch(tokens.getAccessToken({ signal })))
      await settle()
      const index = ['first', 'second', 'third'].indexOf(who)
      controllers[index]!.abort('left')
      await settle()
      expect(requests.last.signal.aborted).toBe(false)
      requests.last.answer()
      await settle()
      const expected = ['ann/access-2', 'ann/access-2', 'ann/access-2'].map((token, at) =>
        at === index ? 'left' : token,
      )
      expect(calls.map(({ value, error }) => value ?? error)).toEqual(expected)
      expect(requests.all).toHaveLength(1)
    },
  )

  it('of the last caller does not stop the refresh: it is saved, and serves the next call', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const controller = new AbortController()
    const call = watch(tokens.getAccessToken({ signal: controller.signal }))
    await settle()
    controller.abort('left')
    await settle()
    expect(call.error).toBe('left')
    requests.last.answer()
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
    expect(requests.all).toHaveLength(1)
  })

  it('does not stop a refresh that waits for its lease, nor one that is being saved', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const [lease, saving] = [gate(), gate()]
    store.next('exclusive', lease)
    store.next('save', saving)
    const [early, late] = [new AbortController(), new AbortController()]
    const calls = [early, late].map(({ signal }) => watch(tokens.getAccessToken({ signal })))
    await lease.arrived
    early.abort('early')
    lease.open()
    await settle()
    requests.last.answer()
    await saving.arrived
    late.abort('late')
    await settle()
    expect(calls.map(({ error }) => error)).toEqual(['early', 'late'])
    saving.open()
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('ends the wait for a store that hangs', async () => {
    const { store, manager } = scene()
    store.next('load', hangs)
    const controller = new AbortController()
    const call = watch(manager().getAccessToken({ signal: controller.signal }))
    await settle()
    controller.abort('left')
    await settle()
    expect(call.error).toBe('left')
  })

  it('after the answer changes nothing', async () => {
    const { requests, manager } = expiredScene()
    const controller = new AbortController()
    const call = manager().getAccessToken({ signal: controller.signal })
    await settle()
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
    controller.abort()
  })

  it('leaves no listener behind on a signal that lives long', async () => {
    const { requests, manager } = expiredScene()
    const tokens = manager()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const call = tokens.getAccessToken({ signal })
    await settle()
    requests.last.answer()
    await call
    expect(added).toHaveBeenCalled()
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length)
  })

  it('of one manager touches no other manager that waits for the same lease', async () => {
    const server = new SessionServer()
    const requests = server.hold()
    const store = memoryStore(recordOf(server.login('ann')))
    jump(300_000)
    const [one, other] = [1, 2].map(() => new TokenManager({ refresh: requests.refresh, store }))
    const controller = new AbortController()
    const aborted = watch(one!.getAccessToken({ signal: controller.signal }))
    const waiting = watch(other!.getAccessToken())
    await settle()
    controller.abort('left')
    await settle()
    requests.last.answer()
    await settle()
    expect(aborted.error).toBe('left')
    expect(waiting.value).toBe('ann/access-2')
  })
})

describe('Law 5, a caller owns only its wait: its patience', () => {
  fakeTime()

  it('is waitTimeoutMs in all; the refresh goes on and is saved', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager({ waitTimeoutMs: 3_000 })
    const call = watch(tokens.getAccessToken())
    await pass(3_000)
    expect(call.error).toBeInstanceOf(RefreshUnavailableError)
    expect(requests.last.signal.aborted).toBe(false)
    requests.last.answer()
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
  })

  it('counts from each caller’s own call', async () => {
    const { requests, manager } = expiredScene()
    const tokens = manager({ waitTimeoutMs: 3_000 })
    const early = watch(tokens.getAccessToken())
    await pass(2_000)
    const late = watch(tokens.getAccessToken())
    await pass(1_500)
    expect(early.status).toBe('rejected')
    requests.last.answer()
    await settle()
    expect(late.value).toBe('ann/access-2')
  })
})

describe('Law 5, a caller owns only its wait: a wait that is shared', () => {
  fakeTime()

  /** The session is known, its token expired. */
  async function knownScene(options: { waitTimeoutMs?: number } = {}) {
    const made = expiredScene()
    const tokens = made.manager(options)
    await tokens.getTokens()
    return { ...made, tokens }
  }

  it('costs ten thousand callers no more timers than one', async () => {
    const { requests, tokens } = await knownScene()
    const first = tokens.getAccessToken()
    await settle()
    const before = vi.getTimerCount()
    const calls = Array.from({ length: 10_000 }, () => tokens.getAccessToken())
    await settle()
    expect(vi.getTimerCount()).toBe(before)
    requests.last.answer()
    expect(new Set(await Promise.all([first, ...calls]))).toEqual(new Set(['ann/access-2']))
    expect(requests.all).toHaveLength(1)
  })

  it('takes no more than a hundredth of the patience of who joins it', async () => {
    const { requests, tokens } = await knownScene({ waitTimeoutMs: 3_000 })
    const first = watch(tokens.getAccessToken())
    await pass(29)
    const joined = watch(tokens.getAccessToken())
    await pass(1)
    const late = watch(tokens.getAccessToken())
    await pass(2_970)
    expect([first.status, joined.status, late.status]).toEqual(['rejected', 'rejected', 'pending'])
    requests.last.answer()
    await settle()
    expect(late.value).toBe('ann/access-2')
  })

  it('is not joined by a call under another session, which gets its own token', async () => {
    const { server, requests, tokens } = await knownScene()
    const anns = watch(tokens.getAccessToken())
    await settle()
    // In the very moment of the login: Ann's callers have not been told yet.
    let bobs: ReturnType<typeof watch<string>> | undefined
    tokens.on('tokensSet', () => (bobs = watch(tokens.getAccessToken())))
    const { accessToken, refreshToken } = server.login('bob')
    await tokens.setTokens({ accessToken, refreshToken, expiresAt: Date.now() - 1 })
    requests.last.answer() // Ann's, which makes room
    await settle()
    requests.last.answer()
    await settle()
    expect(anns.error).toMatchObject({ reason: 'session-changed' })
    expect(bobs?.value).toBe('bob/access-2')
  })

  it('is not joined by a call after a logout', async () => {
    const { requests, tokens } = await knownScene()
    void watch(tokens.getAccessToken())
    await settle()
    const logout = tokens.signOut()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    requests.last.answer()
    await logout
  })

  it('is not joined by a call after close', async () => {
    const { requests, tokens } = await knownScene()
    const waiting = watch(tokens.getAccessToken())
    await settle()
    const closed = tokens.close()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'ERR_MANAGER_CLOSED' })
    requests.last.answer()
    await closed
    expect(waiting.value).toBe('ann/access-2')
  })

  it('is over with its refresh: a call in the same moment waits for its own', async () => {
    const { requests, tokens } = await knownScene()
    const first = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    expect(await first).toBe('ann/access-2')
    const renewed = watch(tokens.refresh({ rejected: 'ann/access-2' }))
    const next = watch(tokens.getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    expect([renewed.value, next.value]).toEqual(['ann/access-3', 'ann/access-3'])
  })

  it('is no wait of who has a signal, or wishes of its own', async () => {
    const { requests, tokens } = await knownScene()
    const shared = watch(tokens.getAccessToken())
    const controller = new AbortController()
    const aborted = watch(tokens.getAccessToken({ signal: controller.signal }))
    const forced = watch(tokens.refresh())
    await settle()
    controller.abort('left')
    await settle()
    expect([shared.status, aborted.error, forced.status]).toEqual(['pending', 'left', 'pending'])
    requests.last.answer()
    await settle()
    expect([shared.value, forced.value]).toEqual(['ann/access-2', 'ann/access-2'])
  })
})

describe('Law 5, a caller owns only its wait: a request once sent', () => {
  fakeTime()

  it('runs to its end although nobody waits any more', async () => {
    const { requests, store, manager } = expiredScene()
    const controllers = [1, 2, 3].map(() => new AbortController())
    const tokens = manager()
    controllers.forEach(({ signal }) => void watch(tokens.getAccessToken({ signal })))
    await settle()
    controllers.forEach((controller) => controller.abort())
    await pass(9_000)
    expect(requests.last.signal.aborted).toBe(false)
    requests.last.answer()
    await settle()
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('is told by its signal when its own time is over, not before', async () => {
    const { requests, manager } = expiredScene()
    void watch(manager({ refreshTimeoutMs: 4_000 }).getAccessToken())
    await pass(3_999)
    expect(requests.last.signal.aborted).toBe(false)
    await pass(1)
    expect(requests.last.signal.aborted).toBe(true)
  })

  it('is saved although its answer comes later still, if the store holds what it was made from', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(60_000)
    requests.last.answer()
    await settle()
    expect(store.record).toMatchObject({ tokens: { accessToken: 'ann/access-2' } })
    expect(tokens.peek()).toBe('ann/access-2')
    expect(server.reused).toEqual([])
  })

  // Only who needs no refresh token sends anything while what it has is not saved.
  it('is saved late also where what it was made from had to be saved meanwhile', async () => {
    const { server, store } = scene()
    const answers: ((tokens: TokenInput) => void)[] = []
    const acquire = () => new Promise<TokenInput>((resolve) => void answers.push(resolve))
    const tokens = new TokenManager({ acquire, store })
    await tokens.getAccessToken()
    store.always('save', () => Promise.reject(new Error('disk full')))
    await tokens.setTokens(server.login('bob')).catch(() => undefined)
    expire()
    const call = watch(tokens.getAccessToken())
    await pass(9_000)
    store.always('save') // the disk has room again: the second try saves the login first
    await pass(2_000)
    expect(store.storedToken).toBe('bob/access-1')
    answers.forEach((answer) => answer({ accessToken: 'acquired', expiresIn: 300 }))
    await pass(1_000)
    expect(call.value).toBe('acquired')
    expect(store.storedToken).toBe('acquired')
    expect(answers).toHaveLength(1)
  })

  it('is not saved late where the store holds something newer', async () => {
    const { server, requests, store, manager } = expiredScene()
    void watch(manager().getAccessToken())
    await pass(31_000)
    const late = requests.last.process()
    store.put(recordOf(server.process('ann/refresh-2'), { version: 6 }))
    late.arrive()
    await settle()
    expect(store.storedToken).toBe('ann/access-3')
  })

  it('late, ends a cool-down: the next call is served', async () => {
    const { requests, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(25_500)
    requests.last.answer()
    await settle()
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
  })

  it('late and refused, changes nothing', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(31_000)
    requests.last.fail(new Error('socket hang up'))
    await settle()
    expect(store.storedToken).toBe('ann/access-1')
    const next = tokens.getAccessToken()
    await settle()
    expect(requests.all).toHaveLength(2)
    requests.last.answer()
    expect(await next).toBe('ann/access-2')
  })
})

describe('Law 5, a caller owns only its wait: in any order of events', () => {
  it('every abort rejects with its own reason, all others get the one refresh', async () => {
    const callers = fc.array(fc.record({ isAborting: fc.boolean(), isForced: fc.boolean() }), {
      minLength: 1,
      maxLength: 8,
    })
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), callers, async (s, each) => {
        vi.useFakeTimers()
        const server = new SessionServer()
        const signals: AbortSignal[] = []
        const step = (label: string) => s.schedule(Promise.resolve(), label)
        const refresh = server.refreshBy(step)
        const tokens = new TokenManager({
          initialTokens: server.login('ann'),
          refresh: (context) => (signals.push(context.signal), refresh(context)),
        })
        jump(300_000)
        const calls = each.map(({ isAborting, isForced }, index) => {
          const controller = new AbortController()
          const { signal } = controller
          const ask = () =>
            isForced ? tokens.refresh({ signal }) : tokens.getAccessToken({ signal })
          const call = watch(step(`call ${index}`).then(ask))
          if (isAborting) void step(`abort ${index}`).then(() => controller.abort(`left ${index}`))
          return call
        })
        await s.waitIdle()
        await vi.advanceTimersByTimeAsync(0)
        await s.waitIdle()
        await vi.advanceTimersByTimeAsync(0)
        vi.useRealTimers()

        calls.forEach(({ status, value, error }, index) => {
          expect(status).not.toBe('pending')
          if (status === 'rejected') expect(error).toBe(`left ${index}`)
          else expect(value).toMatch(/^ann\/access-\d+$/)
          if (!each[index]!.isAborting) expect(status).toBe('resolved')
        })
        expect(signals.filter((signal) => signal.aborted)).toEqual([])
        expect(server.mostUnderWay).toBeLessThanOrEqual(1)
        expect(server.reused).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})
