import fc from 'fast-check'
import {
  LoginRequiredError,
  memoryStore,
  RefreshUnavailableError,
  TokenManager,
  TokenStoreError,
  type TokenInput,
  type TokenSet,
} from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import { held, watch } from '../support/session/promises.js'
import { recordOf } from '../support/session/records.js'
import { expire, expiredScene, scene } from '../support/session/scene.js'
import { ScriptedStore, fails, gate, landsUnheard } from '../support/session/scripted-store.js'
import { SessionServer } from '../support/session/server.js'
import { fakeTime, pass, settle } from '../support/session/time.js'
import { misserved, play, resurrected, worlds } from '../support/session/world.js'

const ABOVE_LOOK_INTERVAL_MS = 1_100

describe('Law 4, nothing newer is overwritten: what a save names', () => {
  fakeTime()

  it('every save names the version that it replaces, and each change has a higher one', async () => {
    const { server, requests, store, manager } = expiredScene()
    const saves: { version: number; ifVersion: number | undefined }[] = []
    const save = store.save.bind(store)
    store.save = (session, condition) => {
      saves.push({ version: session.version, ...condition })
      return save(session, condition)
    }
    const tokens = manager()
    const call = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    await call
    await tokens.setTokens(server.login('bob'))
    await tokens.signOut()
    // Before the refresh token is spent, after it, the login, the logout.
    expect(saves).toHaveLength(4)
    expect(saves.map(({ ifVersion }) => ifVersion)).toEqual([
      5,
      ...saves.slice(0, -1).map(({ version }) => version),
    ])
    for (const { version, ifVersion } of saves) expect(version).toBeGreaterThan(ifVersion!)
  })

  it('a login begins another session, a refresh keeps it, a logout leaves a sign-out record', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const call = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    await call
    expect(store.record?.sessionId).toBe('first-session')
    await tokens.setTokens(server.login('bob'))
    const login = store.record!
    expect(login.sessionId).not.toBe('first-session')
    await tokens.signOut()
    expect(store.record).toMatchObject({
      sessionId: login.sessionId,
      tokens: null,
      ended: { reason: 'signed-out' },
    })
  })

  it('does not take a lost lease for a changed session: the answer is saved', async () => {
    const { requests, store, manager } = expiredScene()
    const call = manager().getAccessToken()
    await settle()
    store.lease = { isHeld: () => false }
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('a record deleted and made anew in between is not taken for the old one', async () => {
    const server = new SessionServer()
    const first = memoryStore()
    const second = memoryStore()
    const versions: (number | undefined)[] = []
    for (const store of [first, second]) {
      const tokens = new TokenManager({ refresh: server.refresh, store })
      await tokens.setTokens(server.login('ann'))
      versions.push((await store.load())?.version)
    }
    expect(versions[0]).not.toBe(versions[1])
  })
})

describe('Law 4, nothing newer is overwritten: a login or logout here, during a refresh', () => {
  fakeTime()

  // supabase-swift#1374: login during a refresh.
  it('a login wins: the answer is dropped and revoked, callers of before are told', async () => {
    const { server, requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    const before = watch(tokens.getAccessToken())
    await settle()
    await tokens.setTokens(server.login('bob'))
    await settle()
    expect(before.error).toBeInstanceOf(LoginRequiredError)
    expect(before.error).toMatchObject({ reason: 'session-changed' })
    requests.last.answer()
    await settle()
    expect(store.storedToken).toBe('bob/access-1')
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
    expect(revoked).toEqual(['ann/access-2'])
  })

  // supabase/supabase-js#2392, Ahoo-Wang/fetcher#1407: logout during a refresh came back to life.
  it('a logout wins: it does not wait for the refresh, whose answer is dropped and revoked', async () => {
    const { requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    const before = watch(tokens.getAccessToken())
    await settle()
    await tokens.signOut()
    expect(before.error).toMatchObject({ reason: 'signed-out' })
    expect(store.record?.tokens).toBeNull()
    requests.last.answer()
    await settle()
    expect(store.record?.tokens).toBeNull()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    expect(revoked).toContain('ann/access-2')
  })

  it('a logout holds from the call on, before it is stored', async () => {
    const { store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const saving = gate()
    store.next('save', saving)
    const logout = tokens.signOut()
    expect(tokens.peek()).toBeUndefined()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    saving.open()
    await logout
  })

  it('a refresh saved just before the logout is written is ended and revoked too', async () => {
    const { requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await settle()
    const savingLogout = gate()
    store.next('save', savingLogout)
    const logout = tokens.signOut()
    await savingLogout.arrived
    requests.last.answer()
    await settle()
    savingLogout.open()
    await logout
    expect(store.record?.tokens).toBeNull()
    expect(revoked).toContain('ann/access-2')
  })

  it('what it brought is revoked also where the logout cannot be stored', async () => {
    const { requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await settle()
    store.next('load', fails)
    await tokens.signOut().catch(() => undefined)
    requests.last.answer()
    await settle()
    expect(revoked).toContain('ann/access-2')
    await pass(6_000)
    await tokens.getAccessToken().catch(() => undefined)
    await settle()
    expect(store.record?.tokens).toBeNull()
  })

  it('nobody gets a token of before once signOut was called, not even from a listener', async () => {
    const { requests, manager } = expiredScene()
    const tokens = manager()
    tokens.on('refreshed', () => tokens.signOut())
    const call = watch(tokens.getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    expect(call.error).toMatchObject({ reason: 'signed-out' })
  })

  it('a refresh that begins while a login is being written renews for the login, once', async () => {
    const { server, requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    await tokens.getTokens()
    const unheard = gate()
    store.next('save', async (perform) => {
      const isSaved = await perform()
      await unheard(() => Promise.resolve())
      return isSaved
    })
    const imported = { ...server.login('bob'), expiresIn: 0.001 } // expired, as a migrated one may be
    const login = tokens.setTokens(imported)
    await pass(10)
    expire()
    void watch(tokens.getAccessToken()) // whose turn it is nobody can tell yet
    await settle()
    expect(requests.all).toEqual([])
    unheard.open()
    await login
    const call = watch(tokens.getAccessToken())
    await settle()
    expect(requests.last.refreshToken).toBe('bob/refresh-1')
    requests.all.forEach((request) => request.answer())
    await settle()
    expect(server.reused).toEqual([])
    expect(revoked).toEqual([])
    expect(call.value).toBe('bob/access-2')
  })

  it('a call made after the login is served by it', async () => {
    const { server, requests, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await settle()
    const login = tokens.setTokens(server.login('bob'))
    await login
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
    requests.last.answer()
    await settle()
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  // DESIGN law 9: one begun with no session is served by the login.
  it('a call that began with no session at all is served by the login', async () => {
    const server = new SessionServer()
    const store = new ScriptedStore()
    const tokens = new TokenManager({ refresh: server.refresh, store })
    const loading = gate()
    store.next('load', loading)
    const call = tokens.getAccessToken()
    await tokens.setTokens(server.login('ann'))
    loading.open()
    expect(await call).toBe('ann/access-1')
  })

  it('so is one that waits for the first token of an acquire manager', async () => {
    const tokens = new TokenManager({ acquire: () => new Promise(() => undefined) })
    const call = watch(tokens.getAccessToken())
    await settle()
    await tokens.setTokens({ accessToken: 'handed-in', expiresIn: 300 })
    await settle()
    expect(call.value).toBe('handed-in')
  })
})

describe('Law 4, nothing newer is overwritten: two acts of the user at once', () => {
  fakeTime()

  it('the second of two logins stands', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await Promise.all([
      tokens.setTokens(server.login('bob')),
      tokens.setTokens(server.login('cyd')),
    ])
    expect(store.storedToken).toBe('cyd/access-1')
    expect(await tokens.getAccessToken()).toBe('cyd/access-1')
  })

  it('a logout while a login is being saved stands', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const saving = gate()
    store.next('save', saving)
    const login = tokens.setTokens(server.login('bob'))
    await saving.arrived
    const logout = tokens.signOut()
    saving.open()
    await Promise.all([login, logout])
    expect(store.record?.tokens).toBeNull()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('a logout holds from the call on, whatever the login before it has stored by then', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const unheard = gate()
    store.next('save', async (perform) => {
      const isSaved = await perform()
      await unheard(() => Promise.resolve())
      return isSaved
    })
    const login = tokens.setTokens(server.login('bob'))
    await unheard.arrived
    const logout = tokens.signOut()
    await pass(ABOVE_LOOK_INTERVAL_MS)
    const during = watch(tokens.getAccessToken())
    await settle()
    expect(during.error).toMatchObject({ reason: 'signed-out' })
    expect(tokens.peek()).toBeUndefined()
    unheard.open()
    await Promise.all([login, logout])
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    expect(store.record?.tokens).toBeNull()
  })

  it('a login while a logout is being saved stands', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const saving = gate()
    store.next('save', saving)
    const logout = tokens.signOut()
    await saving.arrived
    const login = tokens.setTokens(server.login('bob'))
    saving.open()
    await Promise.all([login, logout])
    expect(store.storedToken).toBe('bob/access-1')
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  it('of two managers, the one that is stored last stands, and both agree after a look', async () => {
    const { server, store, manager } = scene()
    const [one, other] = [manager({ recheckMs: 1_000 }), manager({ recheckMs: 1_000 })]
    await one.getAccessToken()
    await other.getAccessToken()
    const saving = gate()
    store.next('save', saving)
    const slow = one.setTokens(server.login('bob'))
    await saving.arrived
    await other.setTokens(server.login('cyd'))
    saving.open()
    await slow
    expect(store.storedToken).toBe('bob/access-1')
    await pass(ABOVE_LOOK_INTERVAL_MS)
    expect(await other.getAccessToken()).toBe('cyd/access-1') // looks in the background
    await settle()
    expect(await other.getAccessToken()).toBe('bob/access-1')
    expect(await one.getAccessToken()).toBe('bob/access-1')
  })

  it('an unsaved logout does not undo a login made elsewhere after it', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    await tokens.signOut().catch(() => undefined)
    await manager().setTokens(server.login('bob'))
    await pass(6_000)
    await tokens.getAccessToken().catch(() => undefined)
    await settle()
    expect(store.storedToken).toBe('bob/access-1')
    await pass(ABOVE_LOOK_INTERVAL_MS)
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  it('an unsaved logout ends what another process refreshed of the session meanwhile', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.next('save', fails)
    await expect(tokens.signOut()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    store.put(recordOf(server.process('ann/refresh-1'), { version: 6 }))
    await pass(6_000)
    await tokens.getAccessToken().catch(() => undefined)
    await settle()
    expect(store.record?.tokens).toBeNull()
  })
})

describe('Law 4, nothing newer is overwritten: a login or logout elsewhere, during a refresh here', () => {
  fakeTime()

  it('a login wins: the answer is dropped and revoked, and the caller is told', async () => {
    const { server, requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    const call = watch(tokens.getAccessToken())
    await settle()
    await manager().setTokens(server.login('bob'))
    requests.last.answer()
    await pass(1_000)
    expect(store.storedToken).toBe('bob/access-1')
    expect(call.error).toMatchObject({ reason: 'session-changed' })
    expect(revoked).toEqual(['ann/access-2'])
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  it('a logout wins: the answer is dropped and revoked, and the session ends here too', async () => {
    const { requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    const call = watch(tokens.getAccessToken())
    await settle()
    await manager().signOut({ revoke: false })
    requests.last.answer()
    await pass(1_000)
    expect(store.record?.tokens).toBeNull()
    expect(call.error).toMatchObject({ reason: 'signed-out' })
    expect(revoked).toEqual(['ann/access-2'])
    expect(requests.all).toHaveLength(1)
  })

  it('a refresh of the same session wins, and is not revoked', async () => {
    const { server, requests, store, manager, revoked } = sceneWithRevoke()
    const call = watch(manager().getAccessToken())
    await settle()
    const waiting = requests.last.process()
    const theirs = server.process('ann/refresh-2')
    store.put(recordOf(theirs, { version: 6 }))
    waiting.arrive()
    await pass(1_000)
    expect(call.value).toBe('ann/access-3')
    expect(store.storedToken).toBe('ann/access-3')
    expect(revoked).toEqual([])
  })

  // okta-auth-js and others: a login elsewhere was overwritten by a late answer.
  describe('as the refresh fails to be saved', () => {
    /** The connection breaks on which the refresh is being saved. */
    async function breaking() {
      const { server, requests, store, manager } = sceneWithRevoke()
      const tokens = manager()
      const connection = held<never>()
      const call = watch(tokens.getAccessToken())
      await settle()
      store.next('save', () => connection.promise)
      requests.last.answer()
      await settle()
      return { server, store, tokens, call, connection }
    }

    it('a login that fails in the same turn stands', async () => {
      const { server, store, tokens, call, connection } = await breaking()
      store.next('load', () => connection.promise)
      const login = watch(tokens.setTokens(server.login('bob')))
      await settle()
      connection.reject(new Error('connection reset'))
      await settle()
      expect(login.error).toBeInstanceOf(TokenStoreError)
      expect(tokens.peek()).toBe('bob/access-1')
      expect(call.error).toMatchObject({ reason: 'session-changed' })
      await pass(2_000)
      expect(store.storedToken).toBe('bob/access-1')
    })

    it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('a logout %i turns later stands', async (turns) => {
      const { store, tokens, connection } = await breaking()
      connection.reject(new Error('connection reset'))
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      await tokens.signOut()
      await settle()
      expect(tokens.peek()).toBeUndefined()
      expect(store.record?.tokens).toBeNull()
    })
  })

  it('wins over a late answer too', async () => {
    const { server, requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(31_000)
    await manager().setTokens(server.login('bob'))
    requests.last.answer()
    await settle()
    expect(store.storedToken).toBe('bob/access-1')
    expect(revoked).toEqual(['ann/access-2'])
    expect(tokens.peek()).not.toBe('ann/access-2')
  })

  it('a late answer after a logout here is dropped and revoked', async () => {
    const { requests, store, manager, revoked } = sceneWithRevoke()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await pass(31_000)
    await tokens.signOut({ revoke: false })
    requests.last.answer()
    await settle()
    expect(store.record?.tokens).toBeNull()
    expect(revoked).toEqual(['ann/access-2'])
  })
})

describe('Law 4, nothing newer is overwritten: the loser of a race is refused', () => {
  fakeTime()

  // anthropics/claude-code#24317: the loser overwrote the shared credentials with a logged-out stub.
  // HQBase/hqbase#41: a double spend 13 ms apart.
  it('looks at the store before invalid_grant means anything, and takes over the winner’s tokens', async () => {
    const { server, requests, store, manager } = expiredScene()
    const call = manager().getAccessToken()
    await settle()
    const winner = server.process('ann/refresh-1') // somebody who takes no lease
    store.put(recordOf(winner, { version: 6 }))
    requests.last.fail(new LoginRequiredError())
    expect(await call).toBe('ann/access-2')
    expect(store.history).toHaveLength(2)
  })

  it('lets a login found there stand', async () => {
    const { server, requests, store, manager } = expiredScene()
    const call = watch(manager().getAccessToken())
    await settle()
    store.put(recordOf(server.login('bob'), { sessionId: 'second', version: 6 }))
    requests.last.fail(new LoginRequiredError())
    await pass(1_000)
    expect(call.error).toMatchObject({ reason: 'session-changed' })
    expect(store.storedToken).toBe('bob/access-1')
  })

  it('ends the session where the store still holds what was refused', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const call = watch(tokens.getAccessToken())
    await settle()
    server.endSession('ann')
    requests.last.answer()
    await settle()
    expect(call.error).toMatchObject({ reason: 'invalid-grant' })
    expect(store.record).toMatchObject({
      sessionId: 'first-session',
      tokens: null,
      ended: { reason: 'invalid-grant', refreshTokenVersion: 5 },
    })
  })

  it('does not write the end over what comes between the look and the save', async () => {
    const { server, requests, store, manager } = expiredScene()
    const call = watch(manager().getAccessToken())
    await settle()
    server.endSession('ann')
    const savingEnd = gate()
    store.next('save', savingEnd)
    requests.last.answer()
    await savingEnd.arrived
    store.put(recordOf(server.login('bob'), { sessionId: 'second', version: 6 }))
    savingEnd.open()
    await pass(1_000)
    expect(store.storedToken).toBe('bob/access-1')
    expect(call.error).toMatchObject({ reason: 'session-changed' })
  })

  it.each(['the store alone knows of it', 'this process has read it'])(
    'ends no session whose tokens are on their way, if %s',
    async (known) => {
      const { requests, store, manager, revoked } = sceneWithRevoke()
      const winner = manager()
      void watch(winner.getAccessToken())
      await pass(31_000)
      const response = requests.last.process()
      const loser = manager()
      const refused = watch(loser.getAccessToken())
      await settle()
      requests.last.fail(new LoginRequiredError())
      await settle()
      expect(refused.error).toMatchObject({ reason: 'invalid-grant' })
      expect(store.record?.tokens).toBeNull()
      if (known === 'this process has read it') {
        await expect(winner.getAccessToken()).rejects.toMatchObject({ reason: 'invalid-grant' })
      }
      response.arrive()
      await settle()
      expect(store.storedToken).toBe('ann/access-2')
      expect(await winner.getAccessToken()).toBe('ann/access-2')
      await pass(1_000)
      expect(await loser.getAccessToken()).toBe('ann/access-2')
      expect(revoked).toEqual([])
    },
  )

  it('two managers whose leases protect nothing still lose no session', async () => {
    const server = new SessionServer()
    const shared = new ScriptedStore(recordOf(server.login('ann')))
    expire()
    shared.always('exclusive', undefined)
    const requests = server.hold()
    const managers = [1, 2].map(
      () =>
        new TokenManager({
          refresh: requests.refresh,
          store: {
            load: () => shared.load(),
            save: (session, condition) => shared.save(session, condition),
            singleProcess: true, // a lie
          },
        }),
    )
    const calls = managers.map((tokens) => tokens.getAccessToken())
    await settle()
    expect(requests.all).toHaveLength(2)
    requests.all[0]!.answer()
    await settle()
    requests.all[1]!.fail(new LoginRequiredError())
    expect(await Promise.all(calls)).toEqual(['ann/access-2', 'ann/access-2'])
    expect(shared.storedToken).toBe('ann/access-2')
  })
})

describe('Law 4, nothing newer is overwritten: odd states of the store', () => {
  fakeTime()

  it('a store fallen back to an older version is brought up to date', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const old = store.record!
    const call = tokens.getAccessToken()
    await settle()
    requests.last.answer()
    await call
    store.put(old)
    expire()
    const next = tokens.getAccessToken()
    await settle()
    expect(requests.last.refreshToken).toBe('ann/refresh-2')
    requests.last.answer()
    expect(await next).toBe('ann/access-3')
    expect(store.storedToken).toBe('ann/access-3')
  })

  it.each<[string, (tokens: TokenManager, bob: TokenInput) => Promise<void>, string | undefined]>([
    ['a login', (tokens, bob) => tokens.setTokens(bob), 'bob/access-1'],
    ['a logout', (tokens) => tokens.signOut(), undefined],
  ])(
    '%s that could not read the store stands over what the logout before it had found there',
    async (_what, act, expected) => {
      const { server, store, manager } = scene()
      const backup = store.record
      const tokens = manager()
      const first = watch(tokens.signOut())
      const second = watch(act(tokens, server.login('bob')))
      store.next('load', (perform) => perform(), fails)
      await settle()
      expect([first.status, second.status]).toEqual(['resolved', 'rejected'])
      store.put(backup) // a failover has lost the logout
      await pass(61_000)
      expect(store.storedToken).toBe(expected)
      expect(await tokens.getTokens()).toEqual(expected && expect.objectContaining({ accessToken: expected })) // prettier-ignore
    },
  )

  it('a login that could not read the store stands over what a logout had found that was not saved', async () => {
    const { server, store, manager } = scene()
    const tokens = manager()
    store.next('save', fails)
    store.next('load', (perform) => perform(), fails)
    const first = watch(tokens.signOut())
    const second = watch(tokens.setTokens(server.login('bob')))
    await settle()
    expect([first.status, second.status]).toEqual(['rejected', 'rejected'])
    await pass(61_000)
    expect(store.storedToken).toBe('bob/access-1')
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  it('a logout stands where a failover undid it and the server then refused the session elsewhere', async () => {
    const { server, store, manager } = scene()
    const backup = store.record!
    const tokens = manager()
    await tokens.signOut()
    const refreshTokenVersion = backup.version
    const ended = { reason: 'invalid-grant', refreshTokenVersion } as const
    const version = backup.version + 5
    store.put({ ...backup, version, tokens: null, ancestors: [refreshTokenVersion], ended })
    await pass(ABOVE_LOOK_INTERVAL_MS)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    await pass(61_000)
    expect(store.record?.ended?.reason).toBe('signed-out')
    store.put(recordOf(server.login('ann'), { ...backup, version: version + 5 })) // a refresh of long ago
    await pass(ABOVE_LOOK_INTERVAL_MS)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('a login that is saved later, unheard, is not saved once more over a refresh of it', async () => {
    const { server, requests, store, manager } = scene()
    const tokens = manager()
    store.next('load', fails)
    await expect(tokens.setTokens(server.login('bob'))).rejects.toBeInstanceOf(TokenStoreError)
    store.next('save', landsUnheard)
    await pass(ABOVE_LOOK_INTERVAL_MS)
    expect(store.storedToken).toBe('bob/access-1')
    expire()
    const refreshed = watch(manager().getAccessToken())
    await pass(10_000)
    requests.last.answer()
    await pass(61_000)
    expect(refreshed.value).toBe('bob/access-2')
    expect(store.record?.tokens?.refreshToken).toBe('bob/refresh-2')
  })

  it('a login whose save was done, but failed, is known again by who refreshed it, when it is saved once more', async () => {
    const { server, requests, store, manager } = scene()
    const tokens = manager()
    store.next('save', async (perform) => {
      await perform()
      throw new Error('the connection was lost')
    })
    await expect(tokens.setTokens(server.login('bob'))).rejects.toBeInstanceOf(TokenStoreError)
    expire()
    const elsewhere = manager()
    const refreshed = watch(elsewhere.getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    expect(refreshed.value).toBe('bob/access-2')
    store.put(undefined) // it restarted empty
    await pass(ABOVE_LOOK_INTERVAL_MS)
    expect(store.record?.tokens?.refreshToken).toBe('bob/refresh-1')
    expire()
    const next = watch(elsewhere.getAccessToken())
    await settle()
    expect(requests.last.refreshToken).toBe('bob/refresh-2')
    requests.last.answer()
    await settle()
    expect(next.value).toBe('bob/access-3')
  })

  it('a logout that was seen only while a refresh was saved stands, where a failover undid it', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    const call = watch(tokens.getAccessToken())
    await settle()
    const marked = store.record!
    const { version } = marked
    const ended = { reason: 'signed-out' } as const
    store.put({ ...marked, version: version + 5, tokens: null, ancestors: [version], ended })
    store.next('load', (perform) => perform(), fails)
    requests.last.answer()
    await settle()
    expect(call.status).toBe('rejected')
    store.put(marked)
    await pass(ABOVE_LOOK_INTERVAL_MS)
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    expect(requests.all).toHaveLength(1)
  })

  it('a login that was adopted during a refresh stands, where a failover undid it', async () => {
    const { server, requests, store, manager } = scene()
    const tokens = manager({ recheckMs: 1_000 })
    await tokens.getAccessToken()
    const call = watch(tokens.for({ resource: 'https://other.example' }).getAccessToken())
    await settle()
    const marked = store.record!
    const { version, sessionId } = marked
    const lineage = { ancestors: [version], formerSessions: [sessionId] }
    store.put(recordOf(server.login('bob'), { version: version + 5, sessionId: 'bob', ...lineage }))
    await pass(ABOVE_LOOK_INTERVAL_MS)
    tokens.peek()
    await settle()
    expect(tokens.peek()).toBe('bob/access-1')
    store.put(marked)
    requests.last.answer()
    await settle()
    expect(requests.last.refreshToken).toBe('bob/refresh-1')
    requests.last.answer()
    await settle()
    expect(call.error).toMatchObject({ reason: 'session-changed' })
    expect(tokens.peek()).toBe('bob/access-1')
    expect(store.record?.tokens).toMatchObject({ accessToken: 'bob/access-1', refreshToken: 'bob/refresh-2' }) // prettier-ignore
  })

  it('a logout that was adopted during a refresh stands, where its tokens cannot be saved', async () => {
    const { requests, store, manager } = scene()
    const tokens = manager({ recheckMs: 1_000 })
    await tokens.getAccessToken()
    const call = watch(tokens.for({ resource: 'https://other.example' }).getAccessToken())
    await settle()
    const { version, ...marked } = store.record!
    const ended = { reason: 'signed-out' } as const
    store.put({ ...marked, version: version + 5, tokens: null, ancestors: [version], ended })
    await pass(ABOVE_LOOK_INTERVAL_MS)
    tokens.peek()
    await settle()
    expect(tokens.peek()).toBeUndefined()
    store.next('save', fails)
    requests.last.answer()
    await settle()
    expect(call.status).toBe('rejected')
    await pass(61_000)
    expect(store.record?.tokens).toBeNull()
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('nor where it is adopted while they are being saved', async () => {
    const { requests, store, manager } = scene()
    const tokens = manager({ recheckMs: 1_000 })
    await tokens.getAccessToken()
    const call = watch(tokens.for({ resource: 'https://other.example' }).getAccessToken())
    await settle()
    const saving = gate()
    store.next('save', (perform) => saving(() => fails(perform)))
    requests.last.answer()
    await saving.arrived
    const { version, ...marked } = store.record!
    const ended = { reason: 'signed-out' } as const
    store.put({ ...marked, version: version + 5, tokens: null, ancestors: [version], ended })
    await pass(ABOVE_LOOK_INTERVAL_MS)
    tokens.peek()
    await settle()
    expect(tokens.peek()).toBeUndefined()
    saving.open()
    await settle()
    expect(call.status).toBe('rejected')
    await pass(61_000)
    expect(store.record?.tokens).toBeNull()
  })

  it('a login that is being written is not adopted, as if it were another’s', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const told: string[] = []
    tokens.on('adopted', () => told.push('adopted'))
    tokens.on('tokensSet', () => told.push('tokensSet'))
    const call = watch(tokens.getAccessToken())
    await settle()
    const unheard = gate()
    store.next('save', async (perform) => {
      const isSaved = await perform()
      return unheard(() => Promise.resolve(isSaved))
    })
    const login = tokens.setTokens(server.login('bob'))
    await unheard.arrived
    requests.last.answer()
    await settle()
    unheard.open()
    await login
    await settle()
    expect(told).toEqual(['tokensSet'])
    expect(call.error).toMatchObject({ reason: 'session-changed' })
    expect(tokens.peek()).toBe('bob/access-1')
  })

  it('a logout that could not be saved outranks each login that it found, also after a failover', async () => {
    const { store, manager } = scene()
    const ann = store.record
    const tokens = manager()
    store.next('save', () => {
      store.put(recordOf({ accessToken: 'bob/access-1' }, { sessionId: 'bob', version: 9 }))
      return Promise.resolve(false)
    })
    store.next('save', fails)
    await expect(tokens.signOut()).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE' })
    store.put(ann)
    await pass(1_100)
    expect(store.record).toMatchObject({ tokens: null, ended: { reason: 'signed-out' } })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
  })

  it('... and each that a login had replaced which the same process made just before', async () => {
    const { server, store, manager } = scene()
    const ann = store.record
    const tokens = manager()
    const login = tokens.setTokens(server.login('bob'))
    const logout = watch(tokens.signOut())
    store.next('load', (perform) => perform(), fails)
    await login
    await settle()
    expect(logout.error).toMatchObject({ code: 'ERR_TOKEN_STORE' })
    store.put(ann)
    await pass(1_100)
    expect(store.record).toMatchObject({ tokens: null, ended: { reason: 'signed-out' } })
  })

  it('a login after a record was gone replaces its session, should that come back', async () => {
    const { server, requests, store, ann, tokens } = await goneScene()
    await tokens.setTokens(server.login('bob'))
    store.put(ann)
    void watch(tokens.refresh())
    await settle()
    expect(store.storedToken).toBe('bob/access-1')
    expect(requests.last.refreshToken).toBe('bob/refresh-1')
  })

  it('what a read finds while a refresh waits for its lease is known, though the store is set back', async () => {
    const { server, store, manager } = scene()
    const older = store.record
    const tokens = manager({ recheckMs: 1_000 })
    await tokens.getAccessToken()
    await new TokenManager({ refresh: server.refresh, store }).refresh()
    await pass(1_000)
    const [lease, reading] = [gate(), gate()]
    store.next('exclusive', lease)
    store.next('load', reading)
    await tokens.getAccessToken() // reads the store behind it
    const refreshed = watch(tokens.refresh())
    await reading.arrived
    reading.open()
    await settle()
    store.put(older)
    lease.open()
    await settle()
    expect(server.presented).not.toHaveLength(0)
    expect(refreshed.value).toBe('ann/access-2')
    expect(server.presented).toEqual(['ann/refresh-1'])
  })

  it('a record that is gone ends the session, and the next login begins another', async () => {
    const { server, store, tokens } = await goneScene()
    await tokens.setTokens(server.login('bob'))
    expect(store.storedToken).toBe('bob/access-1')
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  it('a record that was gone comes back in an older state: the newer refresh token is still known', async () => {
    const { server, store } = scene()
    const older = store.record
    const tokens = new TokenManager({ refresh: server.refresh, store })
    await tokens.refresh()
    store.put(undefined)
    await expect(tokens.refresh()).rejects.toMatchObject({ reason: 'gone' })
    store.put(older) // by a process that had not seen the refresh
    await pass(1_000)
    expect(await tokens.getAccessToken()).toBe('ann/access-2')
    await pass(1_100)
    expect(store.storedToken).toBe('ann/access-2')
    await tokens.refresh()
    expect(server.presented).toEqual(['ann/refresh-1', 'ann/refresh-2'])
  })

  it('an answer outranks a record that is gone when it comes', async () => {
    const { requests, store, manager } = expiredScene()
    const call = manager().getAccessToken()
    await settle()
    store.put(undefined)
    requests.last.answer()
    expect(await call).toBe('ann/access-2')
    expect(store.storedToken).toBe('ann/access-2')
  })

  it('gives up where a store refuses every save and holds nothing', async () => {
    const { requests, store, manager } = expiredScene()
    const call = watch(manager().getAccessToken())
    await settle()
    let saves = 0
    store.always('save', async () => {
      if (++saves > 100) throw new Error('saved more than a hundred times')
      return false
    })
    store.always('load', () => Promise.resolve(undefined))
    requests.last.answer()
    await pass(60_000)
    expect(call.status).not.toBe('pending')
    expect(saves).toBeLessThan(100) // again and again, with backoff
  })

  it.each([
    ['with a version', { sessionId: 'first-session', version: 9, tokens: { accessToken: 1 } }],
    ['without one', { tokens: 'torn' }],
  ])('a damaged record %s is an error until a login replaces it', async (_how, damaged) => {
    const { server, store, manager } = scene()
    store.put(damaged as never)
    const tokens = manager({ initialTokens: server.login('seed') })
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'damaged' })
    expect(store.record).toBe(damaged)
    await tokens.setTokens(server.login('bob'))
    expect(store.storedToken).toBe('bob/access-1')
    expect(await tokens.getAccessToken()).toBe('bob/access-1')
  })

  it('a seed does not outrank what the store holds, nor a sign-out', async () => {
    const { server, store, manager } = scene()
    const initialTokens = server.login('seed')
    expect(await manager({ initialTokens }).getAccessToken()).toBe('ann/access-1')
    await manager().signOut()
    const late = manager({ initialTokens })
    await expect(late.getAccessToken()).rejects.toMatchObject({ reason: 'signed-out' })
    expect(store.record?.tokens).toBeNull()
  })

  it('of two managers with a seed each, the first that is stored counts for both', async () => {
    const server = new SessionServer()
    const store = new ScriptedStore()
    const managers = ['ann', 'bob'].map(
      (user) =>
        new TokenManager({ refresh: server.refresh, store, initialTokens: server.login(user) }),
    )
    const answers = await Promise.all(managers.map((tokens) => tokens.getAccessToken()))
    expect(answers).toEqual([store.storedToken, store.storedToken])
  })
})

describe('Law 4, nothing newer is overwritten: a session that has gone on for long', () => {
  fakeTime()

  it('a store that is set back by any number of refreshes is brought up to date', async () => {
    const { server, requests, store, tokens, refresh } = longScene()
    const backup = store.record
    await refresh(20)
    expire()
    store.put(backup)
    const call = watch(tokens.getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    expect(call.value).toBe('ann/access-22')
    expect(server.reused).toEqual([])
  })

  it('is not ended by the refusal of the session before it, to which the store was set back', async () => {
    const { server, requests, store, tokens, refresh } = longScene()
    await tokens.getTokens()
    const backup = store.record
    await tokens.setTokens(server.login('bob'))
    await refresh(20)
    expire()
    store.put(backup)
    server.endSession('ann')
    const elsewhere = new TokenManager({ refresh: server.refresh, store })
    await expect(elsewhere.getAccessToken()).rejects.toMatchObject({ reason: 'invalid-grant' })
    const call = watch(tokens.getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    expect(call.value).toBe('bob/access-22')
    expect(store.storedToken).toBe('bob/access-22')
  })

  it('a refresh that could not be saved outranks its refresh token, however often that failed before', async () => {
    const { requests, store, tokens } = longScene()
    for (let failures = 0; failures < 20; failures++) {
      const call = watch(tokens.getAccessToken())
      await settle()
      requests.last.fail(new RefreshUnavailableError('down', { outcome: 'failed', status: 500 }))
      await settle()
      expect(call.status).toBe('rejected')
      await pass(61_000)
    }
    const call = watch(tokens.getAccessToken())
    await settle()
    store.always('save', fails)
    requests.last.answer()
    await settle()
    expect(call.value).toBe('ann/access-2')
    await pass(30_000) // the lease has gone to another process, which begins with what is stored
    const { version, ancestors = [], ...stored } = store.record!
    const spending = { since: Date.now(), by: '41@web-3', attempts: 1 }
    const noted = { version: version + 5, ancestors: [version, ...ancestors.slice(0, 31)] }
    store.put({ ...stored, ...noted, spending })
    store.always('save')
    await pass(61_000)
    expect(store.record?.tokens?.refreshToken).toBe('ann/refresh-2')
  })

  function longScene() {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const refresh = async (times: number) => {
      for (let round = 0; round < times; round++) {
        expire()
        const call = tokens.getAccessToken()
        await settle()
        requests.last.answer()
        await call
      }
    }
    return { server, requests, store, tokens, refresh }
  }
})

describe('Law 4, nothing newer is overwritten: closing', () => {
  fakeTime()

  it('waits for the refresh in flight to be saved, then refuses every call', async () => {
    const { requests, store, manager } = expiredScene()
    const tokens = manager()
    void watch(tokens.getAccessToken())
    await settle()
    const closing = watch(tokens.close())
    await settle()
    expect(closing.status).toBe('pending')
    requests.last.answer()
    await settle()
    expect(closing.status).toBe('resolved')
    expect(store.storedToken).toBe('ann/access-2')
    await expect(tokens.getAccessToken()).rejects.toMatchObject({ code: 'ERR_MANAGER_CLOSED' })
    await expect(tokens.refresh()).rejects.toMatchObject({ code: 'ERR_MANAGER_CLOSED' })
  })

  it('does not undo a login made elsewhere when it saves what was unsaved', async () => {
    const { server, requests, store, manager } = expiredScene()
    const tokens = manager()
    const call = tokens.getAccessToken()
    await settle()
    store.next('save', fails)
    requests.last.answer()
    await call
    await manager().setTokens(server.login('bob'))
    await tokens.close()
    expect(store.storedToken).toBe('bob/access-1')
  })
})

describe('Law 4, nothing newer is overwritten: acquire', () => {
  fakeTime()

  it('a logout during an acquire drops what it brings, and the next call acquires again', async () => {
    const answers: ((token: string) => void)[] = []
    const acquire = vi.fn(
      () =>
        new Promise<{ access_token: string }>((resolve) =>
          answers.push((access_token) => resolve({ access_token })),
        ),
    )
    const store = new ScriptedStore()
    const tokens = new TokenManager({ acquire, store })
    const first = watch(tokens.getAccessToken())
    await settle()
    await tokens.signOut()
    expect(first.status).toBe('rejected')
    answers[0]!('dropped')
    await settle()
    expect(store.record?.tokens).toBeNull()
    const second = tokens.getAccessToken()
    await settle()
    answers[1]!('kept')
    expect(await second).toBe('kept')
    expect(store.everHeld('dropped')).toBe(false)
  })
})

describe('Law 4, nothing newer is overwritten: in any order of events', () => {
  it('no session comes back, nobody gets another’s token, and all agree in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds(), async (s, world) => {
        const played = await play(s, world)
        const { store, endedWith } = played
        expect(resurrected(store.history)).toEqual([])
        expect(misserved(played)).toEqual([])
        const expected = store.storedToken ?? 'signed-out'
        expect(endedWith).toEqual([expected, expected])
      }),
      { numRuns: 200 },
    )
  })

  it('holds also where saves fail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), worlds({ isStoreFailing: true }), async (s, world) => {
        const played = await play(s, world)
        expect(resurrected(played.store.history)).toEqual([])
        expect(misserved(played)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})

/** Ann's access token has expired, and what is revoked is noted. */
function sceneWithRevoke() {
  const { server, requests, store } = expiredScene()
  const revoked: string[] = []
  const revoke = ({ tokens }: { tokens: TokenSet }) => void revoked.push(tokens.accessToken)
  const manager = () => new TokenManager({ refresh: requests.refresh, store, revoke })
  return { server, requests, store, manager, revoked }
}

/** Ann's record is gone from the store, and her process has found that. */
async function goneScene() {
  const { store, manager, ...rest } = scene()
  const ann = store.record
  const tokens = manager()
  await tokens.getAccessToken()
  store.put(undefined)
  expire()
  await expect(tokens.getAccessToken()).rejects.toMatchObject({ reason: 'gone' })
  return { ...rest, store, ann, tokens }
}
