import {
  LoginRequiredError,
  memoryStore,
  TokenManager,
  toTokenSet,
  type StoredSession,
  type TokenStore,
} from 'tokenward'
import { describe, expect, it } from 'vitest'
import { watch } from '../support/session/promises.js'
import { recordOf } from '../support/session/records.js'
import { expire, expiredScene, scene } from '../support/session/scene.js'
import { ScriptedStore, fails } from '../support/session/scripted-store.js'
import { SessionServer } from '../support/session/server.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

const CALENDAR = 'https://calendar.example.com'
const MAIL = 'https://mail.example.com'

/** Managers of several processes on one store and one server that rotates and detects reuse. */
function fleet(size: number) {
  const server = new SessionServer()
  const store = new ScriptedStore(recordOf(server.login('ann')))
  const managers = Array.from({ length: size }, () => new TokenManager({ refresh: server.refresh, store })) // prettier-ignore
  return { server, store, managers, snapshot: () => store.record! }
}

// A number that a rollback repeats decides nothing: what a record was made from does.
describe('a store that was set back', () => {
  it('by two versions, with something unsaved, does not bring a spent refresh token back', async () => {
    const { server, store, managers, snapshot } = fleet(1)
    const [manager] = managers
    await manager!.getAccessToken()
    const old = snapshot()
    await manager!.refresh()
    store.always('save', fails)
    const unsaved = watch(manager!.refresh())
    await pass(30_000) // the lease is given back with the tokens unsaved
    expect(unsaved.value).toBe('ann/access-3')
    store.put(old)
    store.always('save')
    expect(await manager!.refresh()).toBe('ann/access-4')
    expect(server.reused).toEqual([])
    expect(store.storedToken).toBe('ann/access-4')
  })

  it('by two resources of one page, while the second refresh is under way, loses neither', async () => {
    const { server, requests, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const old = store.record
    const calendar = watch(tokens.for({ resource: CALENDAR }).getAccessToken())
    await settle()
    requests.last.answer()
    await settle()
    const mail = watch(tokens.for({ resource: MAIL }).getAccessToken())
    await settle()
    store.put(old)
    requests.last.answer()
    await settle()
    expect([calendar.value, mail.value]).toEqual(['ann/access-2', 'ann/access-3'])
    const next = watch(tokens.refresh())
    await settle()
    requests.last.answer()
    await settle()
    expect(next.value).toBe('ann/access-4')
    expect(server.reused).toEqual([])
  })

  it('by a snapshot, with three processes, is set right by the one that knows better', async () => {
    const { server, store, managers, snapshot } = fleet(3)
    const [first, second, third] = managers
    for (const manager of managers) await manager.getAccessToken()
    const old = snapshot()
    await first!.refresh()
    await second!.refresh()
    await third!.refresh()
    store.put(old)
    await third!.refresh() // it saves first what it has
    await first!.refresh()
    await second!.refresh()
    expect(server.reused).toEqual([])
  })

  it('over a login to the sign-out before it does not undo the login', async () => {
    const { server, store, managers, snapshot } = fleet(1)
    const [manager] = managers
    await manager!.getAccessToken()
    await manager!.signOut()
    const old = snapshot()
    await manager!.setTokens(server.login('bob'))
    store.put(old)
    expire()
    expect(await manager!.getAccessToken()).toBe('bob/access-2')
    expect(store.storedToken).toBe('bob/access-2')
  })

  it('over a login to another user’s session hands out nothing of that user', async () => {
    const { server, store, managers, snapshot } = fleet(1)
    const [manager] = managers
    await manager!.getAccessToken()
    await manager!.refresh()
    const old = snapshot()
    await manager!.setTokens(server.login('bob'))
    store.put(old)
    expire()
    expect(await manager!.getAccessToken()).toBe('bob/access-2')
    expect(server.presented.filter((token) => token.startsWith('ann'))).toHaveLength(1)
    expect(store.storedToken).toBe('bob/access-2')
  })

  it('or not, no two records get one number: a login made during a refresh is not taken for its result', async () => {
    const { server, requests, store, manager } = scene()
    const revoked: string[] = []
    const revoke = ({ tokens }: { tokens: { accessToken: string } }) => void revoked.push(tokens.accessToken) // prettier-ignore
    const [first, second] = [manager({ revoke }), manager()]
    await first.getAccessToken()
    const refreshed = watch(first.refresh())
    await settle()
    await second.setTokens(server.login('bob')) // made from the same record as the refresh
    requests.last.answer()
    await settle()
    expect(refreshed.value).not.toBe('ann/access-2')
    expect(store.storedToken).toBe('bob/access-1')
    expect(revoked).toEqual(['ann/access-2'])
    expect(await first.getAccessToken()).toBe('bob/access-1')
  })
})

// A fact about one refresh token is no fact about the session.
describe('the server’s refusal of one refresh token', () => {
  /** A store whose lease everybody has at once: it was lost, and nobody has noticed. */
  const withoutLease = (store: ScriptedStore): TokenStore => ({
    load: () => store.load(),
    save: (session, condition) => store.save(session, condition),
    exclusive: (task) => task({ isHeld: () => true }),
  })

  it('does not undo the response that the same refresh token brought to another process', async () => {
    const server = new SessionServer()
    const requests = server.hold()
    const store = new ScriptedStore(recordOf(server.login('ann')))
    const revoked: string[] = []
    const manager = () =>
      new TokenManager({
        refresh: requests.refresh,
        store: withoutLease(store),
        revoke: ({ tokens }) => void revoked.push(tokens.accessToken),
      })
    const [winner, loser] = [manager(), manager()]
    await Promise.all([winner.getAccessToken(), loser.getAccessToken()])
    expire()
    const won = watch(winner.getAccessToken())
    await settle()
    const response = requests.last.process() // on its way
    const lost = watch(loser.getAccessToken())
    await settle()
    requests.last.fail(Object.assign(new Error('refused'), { status: 400, error: 'invalid_grant' }))
    await settle()
    expect(lost.error).toMatchObject({ reason: 'invalid-grant' })
    response.arrive()
    await settle()
    expect(won.value).toBe('ann/access-2')
    expect(store.storedToken).toBe('ann/access-2')
    expect(revoked).toEqual([])
    await pass(1_000)
    expect(await loser.getAccessToken()).toBe('ann/access-2')
  })

  it('does not undo a login that could not be saved yet', async () => {
    const { server, store, managers } = fleet(2)
    const [first, second] = managers
    for (const manager of managers) await manager.getAccessToken()
    store.always('save', fails)
    await first!.setTokens(server.login('bob')).catch(() => undefined)
    store.always('save')
    server.endSession('ann')
    expire()
    await second!.getAccessToken().catch(() => undefined) // which ends the session before
    await pass(60_000)
    expect(first!.peek() ?? (await first!.getAccessToken())).toMatch(/^bob/)
    expect(store.storedToken).toMatch(/^bob/)
  })

  it('for one resource is that resource’s own', async () => {
    const { manager, requests } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    const calendar = watch(tokens.for({ resource: CALENDAR }).getAccessToken())
    await settle()
    requests.last.fail(Object.assign(new Error('no'), { status: 400, error: 'invalid_grant' }))
    await settle()
    expect(calendar.error).toBeDefined()
    expect(tokens.peek()).toBe('ann/access-1')
    expect(await tokens.getTokens()).toBeDefined()
  })

  it('of another manager’s session, which the request needed, is not of this one’s', async () => {
    const other = new TokenManager({ refresh: () => Promise.reject(new Error('not called')) })
    const store = new ScriptedStore(recordOf(new SessionServer().login('ann')))
    const manager = new TokenManager({
      refresh: async () => ({ accessToken: await other.getAccessToken() }),
      store,
    })
    await manager.getAccessToken()
    const outcome = watch(manager.refresh())
    await pass(5_000)
    expect(outcome.error).toMatchObject({ code: 'ERR_REFRESH_UNAVAILABLE' })
    expect(manager.peek()).toBe('ann/access-1')
    expect(store.storedToken).toBe('ann/access-1')
  })
})

// Tokens are revoked by what is among them, not by whose session they came from.
describe('what is revoked', () => {
  /** A server that does not rotate: every response has the same refresh token. */
  function steadyScene() {
    const revoked: (string | undefined)[] = []
    const responses: (() => void)[] = []
    let issued = 1
    const issue = () => ({ accessToken: `at-${++issued}`, refreshToken: 'rt', expiresIn: 300 })
    const record: StoredSession = {
      sessionId: 'ann',
      version: 5,
      tokens: toTokenSet({ accessToken: 'at-1', refreshToken: 'rt', expiresIn: 300 }),
    }
    const store = new ScriptedStore(record)
    const manager = () =>
      new TokenManager({
        refresh: () => new Promise((resolve) => responses.push(() => resolve(issue()))),
        revoke: ({ tokens }) => void revoked.push(tokens.refreshToken),
        store,
      })
    return { revoked, responses, store, manager, issue }
  }

  it('is never the refresh token of a login that was made during the refresh', async () => {
    const { revoked, responses, manager, issue, store } = steadyScene()
    const tokens = manager()
    await tokens.getAccessToken()
    watch(tokens.refresh())
    await settle()
    await tokens.setTokens(issue())
    responses[0]!()
    await settle()
    expect(revoked).toEqual([])
    expect(store.record?.tokens?.refreshToken).toBe('rt')
  })

  it('is never the refresh token of a login that is found in the store', async () => {
    const { revoked, responses, manager, issue, store } = steadyScene()
    const [first, second] = [manager(), manager()]
    await first.getAccessToken()
    watch(first.refresh())
    await settle()
    await second.setTokens(issue())
    responses[0]!()
    await settle()
    expect(revoked).toEqual([])
    expect(store.record?.tokens?.refreshToken).toBe('rt')
  })

  it('is nothing where the tokens in force are set again, and their refresh goes on', async () => {
    const { requests, store, manager } = expiredScene()
    const revoked: string[] = []
    const tokens = manager({ revoke: ({ tokens }) => void revoked.push(tokens.accessToken) })
    const inForce = (await tokens.getTokens())!
    const { sessionId } = tokens
    const caller = watch(tokens.getAccessToken())
    await settle()
    await tokens.setTokens(inForce)
    requests.last.answer()
    await settle()
    expect(caller.value).toBe('ann/access-2')
    expect(revoked).toEqual([])
    expect(store.storedToken).toBe('ann/access-2')
    expect(tokens.sessionId).toBe(sessionId)
  })
})

// A callback that is called twice says nothing new, however late its second call is heard.
describe('the very tokens in force, handed in again', () => {
  it('leave the login that another process has made meanwhile', async () => {
    const { server, store, managers } = fleet(2)
    const [first, second] = managers
    const inForce = (await first!.getTokens())!
    await second!.setTokens(server.login('bob'))
    await first!.setTokens(inForce)
    expect(store.storedToken).toBe('bob/access-1')
    expect(await first!.getAccessToken()).toBe('bob/access-1')
    expect(server.reused).toEqual([])
  })

  it('leave the sign-out that another process has made meanwhile', async () => {
    const { store, managers } = fleet(2)
    const [first, second] = managers
    const inForce = (await first!.getTokens())!
    await second!.signOut()
    await first!.setTokens(inForce)
    expect(store.record?.tokens).toBeNull()
    await expect(first!.getAccessToken()).rejects.toThrow(LoginRequiredError)
  })

  it('leave a login that was begun here before them', async () => {
    const { server, store, managers } = fleet(1)
    const [manager] = managers
    const inForce = (await manager!.getTokens())!
    await Promise.all([manager!.setTokens(server.login('bob')), manager!.setTokens(inForce)])
    expect(store.storedToken).toBe('bob/access-1')
    expect(await manager!.getAccessToken()).toBe('bob/access-1')
  })

  it('but with another access token they are a login, at a server that keeps refresh tokens', async () => {
    const { server, store, managers } = fleet(2)
    const [first, second] = managers
    const { refreshToken } = (await first!.getTokens())!
    await second!.setTokens(server.login('bob'))
    await first!.setTokens({ accessToken: 'of a login', refreshToken, expiresIn: 300 })
    expect(store.storedToken).toBe('of a login')
  })
})

// What was checked is what is used: parameters are copied when they are given.
describe('the target of another access token', () => {
  it('is what it was when it was asked for, whatever becomes of the caller’s object', async () => {
    const asked: unknown[] = []
    const manager = new TokenManager({
      refresh: ({ resource, ...context }) => {
        asked.push(resource)
        return Promise.resolve({ accessToken: `for ${String(resource)}`, refreshToken: context.refreshToken, expiresIn: 300 }) // prettier-ignore
      },
      initialTokens: { accessToken: 'at', refreshToken: 'rt', expiresIn: 300 },
      store: memoryStore(),
    })
    const target = { resource: [CALENDAR] }
    const calendar = manager.for(target)
    target.resource[0] = MAIL
    expect(await calendar.getAccessToken()).toBe(`for ${CALENDAR}`)
    const second = { resource: CALENDAR }
    const source = manager.for(second)
    second.resource = MAIL
    await source.refresh()
    expect(asked).toEqual([[CALENDAR], CALENDAR])
  })
})
