import diagnosticsChannel from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fakeTokens } from 'tokenward/testing'
import type { SessionMessage } from 'tokenward'
import { Events } from '../../../src/events.js'
import { listen } from './support.js'
import { eventsOf } from '../../support/session/events.js'
import { LIFETIME_MS, createIssuer, refuses, signedIn } from '../../support/session/issuer.js'
import { storedTokens } from '../../support/session/records.js'
import { ScriptedStore, before } from '../../support/session/scripted-store.js'
import { START, fakeTime, pass, settle } from '../../support/session/time.js'

fakeTime()

const listenToSessions = () => listen<SessionMessage>('tokenward:session')

describe('a session', () => {
  it('is told of at login and logout, by its name', async () => {
    const messages = listenToSessions()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    await manager.setTokens(issuer.issue())
    const { sessionId } = manager
    await manager.signOut()
    expect(messages).toEqual([
      { event: 'tokensSet', sessionId, expiresAt: START + LIFETIME_MS, hasRefreshToken: true },
      {
        event: 'sessionEnded',
        sessionId,
        reason: 'signed-out',
        history: [expect.stringContaining('logged in'), expect.stringContaining('logged out')],
      },
    ])
  })

  it.each([
    ['the server', 'invalid-grant'],
    ['the store', 'gone'],
  ] as const)('that %s ended keeps its name', async (_, reason) => {
    const messages = listenToSessions()
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    if (reason === 'gone') store.put(undefined)
    issuer.next(refuses(400, 'invalid_grant'))
    await manager.refresh().catch(() => undefined)
    await settle()
    const history = expect.arrayContaining([expect.stringContaining(`The session ended`)]) as never
    expect(messages).toEqual([{ event: 'sessionEnded', sessionId: 'ann', reason, history }])
  })

  it('is told of when tokens are adopted, or not saved', async () => {
    const messages = listenToSessions()
    const store = new ScriptedStore(storedTokens('at-old', { sessionId: 'ann' }))
    const manager = signedIn(createIssuer(), { store, recheckMs: 1_000 })
    await manager.getAccessToken()
    store.put(storedTokens('at-new', { sessionId: 'ben', version: 7 }))
    await pass(1_000)
    manager.peek()
    await settle()
    store.always(
      'save',
      before(() => Promise.reject(new Error('full'))),
    )
    await manager.refresh()
    await settle()
    expect(messages).toEqual([
      expect.objectContaining({ event: 'adopted', sessionId: 'ben', isOtherSession: true }),
      expect.objectContaining({ event: 'saveFailed', sessionId: 'ben' }),
    ])
  })

  it('is told of as its own listeners are, but for the refreshes', async () => {
    const messages = listenToSessions()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const events = eventsOf(manager)
    await manager.refresh()
    issuer.next(refuses(400, 'invalid_grant'))
    await manager.refresh().catch(() => undefined)
    await settle()
    const others = events.filter(({ type }) => !type.startsWith('refresh'))
    expect(others).toHaveLength(1)
    expect(messages).toMatchObject(
      others.map(({ type, event }) => ({ event: type, ...(event as object) })),
    )
  })

  it('is told of without secrets', async () => {
    const messages = listenToSessions()
    const issuer = createIssuer()
    const store = new ScriptedStore()
    store.always(
      'save',
      before(() => Promise.reject(new Error('cannot write "refresh_token":"rt-1"'))),
    )
    const manager = signedIn(issuer, { store })
    await manager.getAccessToken()
    await manager.setTokens(issuer.issue()).catch(() => undefined)
    await manager.signOut().catch(() => undefined)
    await settle()
    expect(messages.length).toBeGreaterThan(3)
    const shown = inspect(messages, { depth: 20 }) + JSON.stringify(messages)
    expect(shown).not.toMatch(/[ar]t-\d/)
  })

  it('has settled when it is told of: a listener may call back', async () => {
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const seen: unknown[] = []
    const listener = () => seen.push(manager.peek())
    diagnosticsChannel.subscribe('tokenward:session', listener)
    await manager.setTokens(issuer.issue())
    await manager.signOut()
    diagnosticsChannel.unsubscribe('tokenward:session', listener)
    expect(seen).toEqual(['at-2', undefined])
  })
})

describe('an event', () => {
  it('is told in a turn of its own, under the name that the session had', async () => {
    const messages = listenToSessions()
    let sessionId = 'ann'
    new Events(() => sessionId).emit('sessionEnded', { reason: 'gone', history: [] })
    sessionId = 'ben'
    expect(messages).toEqual([])
    await settle()
    const gone = { event: 'sessionEnded', reason: 'gone', history: [] }
    expect(messages).toEqual([{ ...gone, sessionId: 'ann' }])
  })
})

describe('who passes events on', () => {
  it('tells them no second time', async () => {
    const messages = listenToSessions()
    new Events().emit('sessionEnded', { reason: 'gone', history: [] })
    await settle()
    expect(messages).toEqual([])
  })
})

describe('a source that is no manager', () => {
  it('tells nothing', async () => {
    const messages = listenToSessions()
    await fakeTokens().refresh()
    expect(messages).toEqual([])
  })
})
