import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { TokenManager, type RefreshContext, type TokenInput } from 'tokenward'
import { LIFETIME_MS, createIssuer, refuses, signedIn } from '../support/session/issuer.js'
import { failureOf, held, watch } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore } from '../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

/** One `refresh` function for all users, as an app has it: the refresh token says whose it is. */
function refreshOf({ refreshToken }: RefreshContext): Promise<TokenInput> {
  const [user, count] = refreshToken.split('/')
  return Promise.resolve(tokensOf(user!, Number(count) + 1))
}

const tokensOf = (user: string, count = 0) => ({
  accessToken: `${user}-at-${count}`,
  refreshToken: `${user}/${count}`,
  expiresIn: 300,
})

describe('sessions never mix: two users in one process', () => {
  // axios-jwt 4.0.3: module-level storage. supabase auth-js 2.119. google-auth-library. simple-oauth2#88.
  it('share nothing: each gets its own tokens, refreshed at the same time', async () => {
    const users = Array.from({ length: 50 }, (_, index) => `user-${index}`)
    const managers = users.map(
      (user) => new TokenManager({ refresh: refreshOf, initialTokens: tokensOf(user) }),
    )
    await pass(LIFETIME_MS)
    const tokens = await Promise.all(managers.map((manager) => manager.getAccessToken()))
    expect(tokens).toEqual(users.map((user) => `${user}-at-1`))
    const sets = await Promise.all(managers.map((manager) => manager.getTokens()))
    expect(sets.map((set) => set?.refreshToken)).toEqual(users.map((user) => `${user}/1`))
  })

  it('a refresh of one in flight is not joined by the other', async () => {
    const answers = [held<TokenInput>(), held<TokenInput>()]
    const refresh = vi.fn(() => answers[refresh.mock.calls.length - 1]!.promise)
    const alice = new TokenManager({ refresh, initialTokens: tokensOf('alice') })
    const bob = new TokenManager({ refresh, initialTokens: tokensOf('bob') })
    const calls = [watch(alice.refresh()), watch(bob.refresh())]
    await settle()
    answers[1]!.resolve(tokensOf('bob', 1))
    await settle()
    expect(calls.map(({ value }) => value)).toEqual([undefined, 'bob-at-1'])
    answers[0]!.resolve(tokensOf('alice', 1))
    await settle()
    expect(calls.map(({ value }) => value)).toEqual(['alice-at-1', 'bob-at-1'])
  })

  it("a logout, an end, a failure or a rejected token of one is none of the other's", async () => {
    const issuer = createIssuer()
    const bob = signedIn(issuer)
    const others = [signedIn(issuer), signedIn(issuer), signedIn(issuer)]
    await others[0]!.signOut()
    issuer.next(refuses(400, 'invalid_grant'))
    await failureOf(others[1]!.refresh())
    issuer.next(refuses(503, undefined, { 'retry-after': '3000' }))
    await failureOf(others[2]!.refresh())
    others[2]!.replayRejected('at-1')
    expect(await failureOf(others[0]!.getAccessToken())).toMatchObject({ reason: 'signed-out' })
    await expect(bob.getAccessToken()).resolves.toBe('at-1')
    await expect(bob.refresh()).resolves.toMatch(/^at-/)
    expect(bob.sessionId).toBeDefined()
  })

  it('one that has no session borrows none', async () => {
    const alice = new TokenManager({ refresh: refreshOf, initialTokens: tokensOf('alice') })
    const nobody = new TokenManager({ refresh: refreshOf })
    await alice.getAccessToken()
    expect(nobody.peek()).toBeUndefined()
    expect(await failureOf(nobody.getAccessToken())).toMatchObject({ reason: 'no-session' })
    expect(await failureOf(nobody.refresh({ rejected: 'alice-at-0' }))).toMatchObject({
      reason: 'no-session',
    })
  })

  it('one inside its refresh does not make the other seem to be', async () => {
    const answer = held<TokenInput>()
    const inside: boolean[] = []
    const bob = new TokenManager({ refresh: refreshOf, initialTokens: tokensOf('bob') })
    const alice = new TokenManager({
      refresh: async () => {
        inside.push(alice.isInsideRefresh(), bob.isInsideRefresh())
        await bob.refresh()
        return answer.promise
      },
      initialTokens: tokensOf('alice'),
    })
    const call = watch(alice.refresh())
    await settle()
    expect(inside).toEqual([true, false])
    expect(bob.peek()).toBe('bob-at-1')
    answer.resolve(tokensOf('alice', 1))
    await settle()
    expect(call.value).toBe('alice-at-1')
  })
})

describe('sessions never mix: one user after another', () => {
  // supabase-swift#1374: login during a refresh. google-auth-library: A's access, B's refresh token.
  it('a login during a refresh: nothing of the one before is left in the session', async () => {
    const store = new ScriptedStore()
    const answer = held<TokenInput>()
    const manager = new TokenManager({
      refresh: () => answer.promise,
      initialTokens: { ...tokensOf('alice'), idToken: 'id-of-alice', scope: 'all-of-alice' },
      store,
    })
    await manager.getAccessToken()
    const call = watch(manager.refresh())
    await settle()
    await manager.setTokens({ accessToken: 'bob-at-0' })
    answer.resolve(tokensOf('alice', 1))
    await settle()
    expect(call.error).toMatchObject({ reason: 'session-changed' })
    await expect(manager.getTokens()).resolves.toEqual({
      accessToken: 'bob-at-0',
      tokenType: 'Bearer',
      issuedAt: expect.any(Number),
    })
    expect(JSON.stringify(store.record)).not.toContain('alice')
  })

  it('at any moment: access and refresh token are always of one user', async () => {
    const acts = ['login', 'logout', 'refresh', 'use', 'answer'] as const
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom(...acts), { minLength: 2, maxLength: 20 }),
        async (scheduler, script) => {
          let users = 0
          const store = new ScriptedStore()
          const pending: (() => void)[] = []
          const refresh = async (context: RefreshContext) => {
            const answer = held()
            pending.push(answer.resolve)
            await answer.promise
            return refreshOf(context)
          }
          const managers = [0, 1].map(() => new TokenManager({ refresh, store }))
          let turn = 0
          const manager = () => managers[turn++ % 2]!
          const perform = {
            login: () => void manager().setTokens(tokensOf(`user-${++users}`)),
            logout: () => void manager().signOut(),
            refresh: () => void watch(manager().refresh()),
            use: () => void watch(manager().getAccessToken()),
            answer: () => pending.shift()?.(),
          }
          const check = () => {
            const tokens = store.record?.tokens
            if (!tokens) return
            expect(tokens.accessToken.split('-at-')[0]).toBe(tokens.refreshToken?.split('/')[0])
          }
          for (const act of script) {
            void scheduler.schedule(Promise.resolve(act), act).then((name) => perform[name]())
          }
          await scheduler.waitIdle()
          for (let round = 0; round < 20; round++) {
            await settle()
            pending.shift()?.()
            check()
          }
          await pass(30_000)
          check()
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('sessions never mix: a login while a token is on its way to who waits', () => {
  /** At which of the steps in between the login comes. */
  const STEPS = Array.from({ length: 16 }, (_, step) => step)

  it.each(STEPS)('the token is told with its own session and facts (%i)', async (step) => {
    for (const rejected of [undefined, { token: 'ann-at-0' }]) {
      const answer = held<TokenInput>()
      const store = new ScriptedStore(
        storedTokens('ann-at-0', { lifetimeMs: rejected ? 300_000 : 0 }),
      )
      const tokens = new TokenManager({ refresh: () => answer.promise, store })
      if (rejected) await tokens.getAccessToken()
      const call = watch(tokens.renew(rejected))
      await settle()
      answer.resolve({ ...tokensOf('ann', 1), extra: { user: 'ann' } })
      for (let turn = 0; turn < step; turn++) await Promise.resolve()
      await tokens.setTokens({ ...tokensOf('bob'), extra: { user: 'bob' } })
      await settle()
      const { token = 'none', sessionId, extra } = call.value ?? {}
      if (call.status === 'rejected') {
        expect(call.error).toMatchObject({ reason: 'session-changed' })
      } else {
        expect(token).toMatch(`${String(extra?.user)}-at-`)
        expect(sessionId === tokens.sessionId).toBe(extra?.user === 'bob')
      }
      if (rejected) expect(extra?.user).not.toBe('bob') // who began with a session gets no other
    }
  })
})
