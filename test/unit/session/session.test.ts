import { TokenManager, TokenOptionsError, type TokenInput } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { watch } from '../../support/session/promises.js'
import { expiredScene, scene } from '../../support/session/scene.js'
import { ScriptedStore } from '../../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../../support/session/time.js'

fakeTime()

describe('a second caller', () => {
  it('joins the refresh under way: the lease is asked for once, and the server too', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const first = watch(tokens.getAccessToken())
    await settle()
    const second = watch(tokens.getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    expect([first.value, second.value]).toEqual(['ann/access-2', 'ann/access-2'])
    expect(store.calls.filter((call) => call === 'exclusive')).toHaveLength(1)
    expect(requests.all).toHaveLength(1)
  })

  it('joins it also where all begin before anything was looked at', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const callers = [tokens.getAccessToken(), tokens.refresh(), tokens.getAccessToken()]
    await settle()
    requests.last.answer()
    expect(new Set(await Promise.all(callers))).toEqual(new Set(['ann/access-2']))
    expect(store.calls.filter((call) => call === 'exclusive')).toHaveLength(1)
  })
})

describe('a fresh token of another resource', () => {
  it('is a reason to read the store again, too', async () => {
    const { requests, store, manager } = scene()
    const tokens = manager({ recheckMs: 5_000 })
    const mail = tokens.for({ resource: 'https://mail.example' })
    const first = watch(mail.getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    expect(first.value).toBeDefined()
    expect(await mail.getAccessToken()).toBe(first.value)
    const loads = () => store.calls.filter((call) => call === 'load').length
    const before = loads()
    await pass(5_000)
    expect(await mail.getAccessToken()).toBe(first.value)
    await settle()
    expect(loads()).toBe(before + 1)
    await manager().signOut()
    await pass(5_000)
    expect(mail.peek?.()).toBe(first.value) // and the store is read
    await settle()
    expect(mail.peek?.()).toBeUndefined()
  })
})

describe('a token request that takes too long', () => {
  it('says for how long, and that nobody knows what became of it', async () => {
    const { requests, manager } = expiredScene()
    const tokens = manager({ refreshTimeoutMs: 1_500, retry: { attempts: 1 } })
    const call = watch(tokens.getAccessToken())
    await settle()
    expect(requests.all).toHaveLength(1)
    await pass(1_600)
    await pass(10_000)
    expect(call.error).toMatchObject({
      message: 'The token request took longer than 1500 ms',
      outcome: 'unknown',
    })
  })
})

describe('signOut({ revoke: true })', () => {
  it('is refused where nothing can revoke', async () => {
    await expect(scene().manager().signOut({ revoke: true })).rejects.toThrow(
      new TokenOptionsError('signOut({ revoke: true }) needs the option `revoke`'),
    )
  })
})

describe('a refresh that fails unexpectedly', () => {
  it('is an error of ours where the lease itself throws, and keeps the session', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    store.lease = {
      isHeld: () => {
        throw new Error('no connection, refresh_token=secret')
      },
    }
    const error = (await tokens.getAccessToken().catch((thrown: unknown) => thrown)) as Error
    expect(error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE', isTransient: true })
    expect((error.cause as Error).message).toBe('no connection, refresh_token=[redacted]')
    expect(requests.all).toEqual([])
    expect(store.storedToken).toBe('ann/access-1')
  })
})

describe('a response that comes late', () => {
  it('begins the session where there was none', async () => {
    let answer!: (tokens: TokenInput) => void
    const store = new ScriptedStore()
    const tokens = new TokenManager({
      acquire: () => new Promise((resolve) => (answer = resolve)),
      store,
      retry: { attempts: 1 },
    })
    const caller = watch(tokens.getAccessToken())
    await pass(10_000)
    expect(caller.error).toMatchObject({ outcome: 'unknown' })
    answer({ accessToken: 'late', expiresIn: 300 })
    await settle()
    expect(tokens.peek()).toBe('late')
    expect(store.storedToken).toBe('late')
  })

  it('is dropped where a login came before it', async () => {
    let answer!: (tokens: TokenInput) => void
    const store = new ScriptedStore()
    const tokens = new TokenManager({
      acquire: () => new Promise((resolve) => (answer = resolve)),
      store,
      retry: { attempts: 1 },
    })
    watch(tokens.getAccessToken())
    await pass(10_000)
    await tokens.setTokens({ accessToken: 'login', expiresIn: 300 })
    answer({ accessToken: 'late', expiresIn: 300 })
    await settle()
    expect(tokens.peek()).toBe('login')
    expect(store.everHeld('late')).toBe(false)
  })
})

describe('the timer', () => {
  it('that fires a moment before the cool-down is over waits for the rest', async () => {
    const { requests, manager } = scene()
    const tokens = manager({ keepFresh: true, retry: { attempts: 1 } })
    await tokens.getAccessToken()
    await pass(240_000) // the token is due
    requests.last.fail(Object.assign(new Error('busy'), { status: 503 }))
    await settle()
    const monotonicNow = performance.now.bind(performance)
    vi.spyOn(performance, 'now').mockImplementation(() => monotonicNow() - 0.5) // clocks round
    await pass(1_000)
    expect(requests.all).toHaveLength(1)
    await pass(1)
    expect(requests.all).toHaveLength(2)
    requests.last.answer()
    await settle()
    expect(tokens.peek()).toBe('ann/access-2')
  })
})
