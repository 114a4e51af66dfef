import { inspect } from 'node:util'
import { memoryStore, TokenManager, type LoginRequiredError, type StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import { eventsOf } from '../support/session/events.js'
import {
  type Issuer,
  LIFETIME_MS,
  createIssuer,
  refuses,
  refusesConnection,
} from '../support/session/issuer.js'
import { failureOf } from '../support/session/promises.js'
import { storedTokens } from '../support/session/records.js'
import { ScriptedStore, before } from '../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../support/session/time.js'

fakeTime()

/** Ann is logged in, and as many processes as the test wants share her store. */
function scene() {
  const issuer = createIssuer()
  const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
  const manager = () => new TokenManager({ refresh: issuer.refresh, store, retry: { attempts: 1 } })
  return { issuer, store, manager }
}

const happened = async (manager: TokenManager) =>
  (await manager.explain()).entries.map(({ what }) => what)

/** What another process on another host would have written. */
function asOf(by: string, store: ScriptedStore): void {
  const { journal = [] } = store.record!
  store.put({ ...store.record!, journal: journal.map((entry) => ({ ...entry, by })) })
}

describe('tokens.explain()', () => {
  it('tells the whole of a session: login, refreshes, logout', async () => {
    const { issuer, manager } = scene()
    const tokens = manager()
    await tokens.setTokens(issuer.issue())
    await tokens.refresh()
    await tokens.signOut()
    expect(await happened(tokens)).toEqual(['logged-in', 'spent', 'refreshed', 'signed-out'])
  })

  it('copes with what a newer version, or somebody else, wrote in a journal', async () => {
    const { store, manager } = scene()
    const entry = { at: Date.now(), by: 'x\u001b[2J\n', what: 'moved' }
    const journal = [entry, { ...entry, what: 'constructor' }, { ...entry, at: 1e300 }]
    store.put({ ...store.record!, journal: journal as never })
    const { sentences } = await manager().explain()
    expect(sentences).toEqual([
      '2026-03-01T12:00:00.000Z: moved (process x[2J ).',
      '2026-03-01T12:00:00.000Z: constructor (process x[2J ).',
    ])
  })

  it('has only visible characters, and not too many, whatever somebody wrote into the record', async () => {
    const { store, manager } = scene()
    const by = '\u001b]52;c;aGk=\u0007\u202e'
    const entry = {
      at: Date.now(),
      by,
      what: 'failed',
      error: by,
      errorDescription: 'x'.repeat(1e6),
    }
    const spending = { since: Date.now(), attempts: 1, by }
    store.put({ ...store.record!, spending, journal: [entry] as never })
    const { sessionId, ...told } = await manager().explain()
    expect(told.spending?.by).toBe(']52;c;aGk=')
    expect(told.entries[0]).toMatchObject({ by: ']52;c;aGk=', error: ']52;c;aGk=' })
    expect(JSON.stringify(told).length).toBeLessThan(3_000)
  })

  it('tells it in sentences, with times in UTC', async () => {
    const { issuer, manager } = scene()
    const tokens = manager()
    await tokens.setTokens(issuer.issue())
    await pass(60_000)
    await tokens.refresh()
    const { sentences } = await tokens.explain()
    const by = `(process ${process.pid}@`
    expect(sentences).toEqual([
      expect.stringContaining(`2026-03-01T12:00:00.000Z: The user logged in ${by}`),
      expect.stringMatching(/^2026-03-01T12:01:00.000Z: The refresh token #\d+ was sent to /),
      expect.stringContaining(`2026-03-01T12:01:00.000Z: New tokens were received and saved ${by}`),
    ])
  })

  it('tells what another process did, and who it was', async () => {
    const { store, manager } = scene()
    const [here, there] = [manager(), manager()]
    await here.getAccessToken()
    await there.refresh()
    asOf('41@web-3', store)
    const { entries, sentences } = await here.explain()
    const done = entries.filter(({ by }) => by === '41@web-3').map(({ what }) => what)
    expect(done).toEqual(['spent', 'refreshed'])
    expect(sentences.join('\n')).toContain('(process 41@web-3)')
  })

  it('tells it after a restart, from what the store keeps', async () => {
    const { issuer, manager } = scene()
    const before = manager()
    await before.setTokens(issuer.issue())
    await before.refresh()
    await before.close()
    expect(await happened(manager())).toEqual(['logged-in', 'spent', 'refreshed'])
  })

  it('tells what the server said to a refresh that failed', async () => {
    const { issuer, manager } = scene()
    issuer.next(refuses(401, 'invalid_client'))
    await failureOf(manager().refresh())
    const { entries } = await manager().explain()
    expect(entries.at(-1)).toMatchObject({ what: 'failed', status: 401, error: 'invalid_client' })
  })

  it('names a refresh token by the version that brought it, so that two sends of one show', async () => {
    const { issuer, store, manager } = scene()
    issuer.next(refuses(503))
    const [here, there] = [manager(), manager()]
    await failureOf(here.refresh())
    await pass(60_000)
    await there.refresh()
    const { journal = [] } = store.record!
    const sent = journal.filter(({ what }) => what === 'spent')
    expect(sent).toHaveLength(2)
    expect(sent[0]!.refreshTokenVersion).toBe(sent[1]!.refreshTokenVersion)
  })

  it('says who is sending the refresh token now', async () => {
    const { issuer, manager } = scene()
    const [here, there] = [manager(), manager()]
    issuer.next(() => new Promise(() => undefined))
    const refreshed = there.refresh().catch(() => undefined)
    await settle()
    await here.getAccessToken()
    const { spending } = await here.explain()
    expect(spending).toMatchObject({ attempts: 1, by: expect.stringMatching(/^\d+@/) as string })
    await pass(60_000)
    await refreshed
  })

  it('says what is known here where the store cannot be read', async () => {
    const { store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.always(
      'save',
      before(() => Promise.reject(new Error('disk full'))),
    )
    await tokens.refresh()
    store.always(
      'load',
      before(() => Promise.reject(new Error('no route'))),
    )
    const { state, entries } = await tokens.explain()
    expect(state).toBe('signed-in')
    expect(entries.map(({ what }) => what)).toEqual(expect.arrayContaining(['spent', 'refreshed']))
  })

  it.each<[string, (tokens: TokenManager, issuer: Issuer) => Promise<unknown>]>([
    ['refresh', (tokens) => tokens.refresh()],
    ['login', (tokens, issuer) => tokens.setTokens(issuer.issue())],
    ['logout', (tokens) => tokens.signOut()],
  ])('says that a %s could not be saved, from the first failure on', async (_what, act) => {
    const { issuer, store, manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    store.always(
      'save',
      before(() => Promise.reject(new Error('disk full'))),
    )
    await act(tokens, issuer).catch(() => undefined)
    expect((await tokens.explain()).sentences.join()).toContain('could not be saved')
  })

  it.each<[string, StoredSession | undefined, object]>([
    [
      'nobody has logged in',
      undefined,
      { sessionId: undefined, state: 'ended', reason: 'no-session' },
    ],
    ['somebody is logged in', storedTokens('at'), { sessionId: 'session-1', state: 'signed-in' }],
    [
      'the user has logged out',
      { ...storedTokens('at'), tokens: null, ended: { reason: 'signed-out' } },
      { sessionId: 'session-1', state: 'ended', reason: 'signed-out' },
    ],
  ])('says where the session stands: %s', async (_what, stored, expected) => {
    const tokens = new TokenManager({ refresh: createIssuer().refresh, store: memoryStore(stored) })
    expect(await tokens.explain()).toMatchObject(expected)
  })

  it('asks no server and changes nothing', async () => {
    const { issuer, store, manager } = scene()
    const tokens = manager()
    await pass(LIFETIME_MS)
    const before = store.record
    await tokens.explain()
    expect(issuer.spent).toEqual([])
    expect(store.record).toBe(before)
  })

  it('keeps the last dozen things in the store, however long a session lives', async () => {
    const { store, manager } = scene()
    const tokens = manager()
    for (let turn = 0; turn < 20; turn++) await tokens.refresh()
    expect(store.record?.journal?.length).toBeLessThanOrEqual(12)
  })

  it('is without secrets, whatever happened', async () => {
    const tokensOf = (name: string) => ({
      access_token: `access-token-of-${name}`,
      refresh_token: `refresh-token-of-${name}`,
      expires_in: 300,
    })
    const { issuer, store } = scene()
    const tokens = new TokenManager({ refresh: issuer.refresh, store, retry: { attempts: 1 } })
    issuer.next(() => tokensOf('ann'))
    await tokens.refresh()
    issuer.next(() => {
      throw Object.assign(new Error('no'), {
        status: 400,
        error: 'invalid_scope',
        error_description: 'refresh-token-of-ann may not, access-token-of-ann neither',
      })
    })
    await failureOf(tokens.refresh())
    await pass(60_000)
    issuer.next(refusesConnection)
    await failureOf(tokens.refresh())
    const session = await tokens.explain()
    expect(session.entries.length).toBeGreaterThan(3)
    store.always(
      'save',
      before(() => Promise.reject(new Error('cannot write refresh-token-of-ben'))),
    )
    await tokens.setTokens(tokensOf('ben')).catch(() => undefined)
    await pass(10_000)
    const told = [session, await tokens.explain()]
    expect(told[1]!.sentences.join()).toContain('could not be saved')
    const shown = inspect(told, { depth: 9 }) + JSON.stringify(told)
    expect(shown).toContain('may not')
    expect(shown).not.toContain('-token-of-')
    expect(JSON.stringify(store.record?.journal)).not.toContain('-token-of-')
  })
})

describe('the history of a session that ended', () => {
  it('is in the error and in the event: what was sent, and what the server said', async () => {
    const { issuer, manager } = scene()
    const tokens = manager()
    const events = eventsOf(tokens)
    await tokens.getAccessToken()
    issuer.next(refuses(400, 'invalid_grant'))
    const error = (await failureOf(tokens.refresh())) as LoginRequiredError
    await settle()
    expect(error.history).toEqual([
      expect.stringContaining('was sent to the authorization server'),
      expect.stringMatching(/The session ended: .*invalid.grant/),
    ])
    const ended = events.find(({ type }) => type === 'sessionEnded')
    expect(ended?.event).toEqual({ reason: 'invalid-grant', history: error.history })
  })

  it('is the same for every later caller', async () => {
    const { manager } = scene()
    const tokens = manager()
    await tokens.getAccessToken()
    await tokens.signOut()
    const [first, second] = await Promise.all([
      failureOf(tokens.getAccessToken()),
      failureOf(tokens.refresh()),
    ])
    expect((first as LoginRequiredError).history).not.toEqual([])
    expect((second as LoginRequiredError).history).toEqual((first as LoginRequiredError).history)
  })

  it('tells of the other process that ended it', async () => {
    const { issuer, store, manager } = scene()
    const [here, there] = [manager(), manager()]
    await here.getAccessToken()
    issuer.next(refuses(400, 'invalid_grant'))
    await failureOf(there.refresh())
    asOf('41@web-3', store)
    await pass(LIFETIME_MS)
    const error = (await failureOf(here.getAccessToken())) as LoginRequiredError
    expect(error.history.at(-1)).toMatch(/The session ended: .*invalid.grant.*\(process 41@web-3\)/)
  })

  it('tells of a logout elsewhere, after a restart', async () => {
    const { issuer, manager } = scene()
    const before = manager()
    await before.setTokens(issuer.issue())
    await before.signOut()
    const error = (await failureOf(manager().getAccessToken())) as LoginRequiredError
    expect(error.history).toEqual([
      expect.stringContaining('The user logged in'),
      expect.stringContaining('The user logged out'),
    ])
  })
})
