import { describe, expect, it } from 'vitest'
import { apiThatRefuses } from '../diagnostics/support.js'
import { observed } from './support.js'
import { LIFETIME_MS, createIssuer, refuses, signedIn } from '../../support/session/issuer.js'
import { storedTokens } from '../../support/session/records.js'
import { ScriptedStore, before } from '../../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../../support/session/time.js'

fakeTime()

const slowly = (issue: () => unknown) => () =>
  new Promise((resolve) => setTimeout(() => resolve(issue()), 500))

describe('refreshes', () => {
  it('are counted by reason and outcome, and take seconds', async () => {
    const { counts, total } = observed()
    const issuer = createIssuer()
    issuer.next(slowly(issuer.issue))
    const manager = signedIn(issuer)
    await Promise.all([manager.refresh(), pass(500)])
    expect(await total('tokenward.refresh.duration')).toBe(0.5)
    issuer.next(refuses(400, 'invalid_grant'))
    await manager.refresh({ rejected: 'at-2' }).catch(() => undefined)
    const reason = (name: string) => ({ 'tokenward.refresh.reason': name })
    const outcome = (name: string) => ({ 'tokenward.refresh.outcome': name })
    expect(await counts('tokenward.refresh.duration')).toEqual([
      [{ ...reason('forced'), ...outcome('refreshed') }, 1],
      [{ ...reason('rejected'), ...outcome('failed'), 'error.type': 'ERR_LOGIN_REQUIRED' }, 1],
    ])
  })

  it('tell how long the token at hand was still valid, nothing if it had expired', async () => {
    const { counts, total } = observed()
    const manager = signedIn(createIssuer())
    await pass(LIFETIME_MS * 0.9)
    manager.peek()
    await settle()
    expect(await total('tokenward.token.time_to_expiry')).toBe(30)
    await pass(2 * LIFETIME_MS)
    await manager.getAccessToken()
    expect(await counts('tokenward.token.time_to_expiry')).toEqual([
      [{ 'tokenward.refresh.reason': 'due' }, 1],
      [{ 'tokenward.refresh.reason': 'expired' }, 1],
    ])
  })

  it('of a first token have none at hand', async () => {
    const { counts } = observed()
    const issuer = createIssuer()
    await signedIn(issuer).for({ resource: 'https://api.example.com' }).getAccessToken()
    expect(await counts('tokenward.token.time_to_expiry')).toEqual([])
    expect(await counts('tokenward.refresh.duration')).toHaveLength(1)
  })
})

describe('callers', () => {
  it('who wait are counted by what they get, and for how many seconds', async () => {
    const { counts, total } = observed()
    const issuer = createIssuer()
    issuer.next(slowly(issuer.issue))
    const manager = signedIn(issuer)
    await Promise.all([manager.refresh(), manager.refresh(), pass(500)])
    expect(await total('tokenward.wait.duration')).toBe(1)
    issuer.always = refuses(400, 'invalid_client')
    await manager.refresh().catch(() => undefined)
    const outcome = (name: string) => ({ 'tokenward.wait.outcome': name })
    expect(await counts('tokenward.wait.duration')).toEqual([
      [outcome('served'), 2],
      [{ ...outcome('failed'), 'error.type': 'ERR_REFRESH_REJECTED' }, 1],
    ])
  })
})

describe('requests', () => {
  it('with a token are counted, and their refusals by what was done', async () => {
    const { counts, total } = observed()
    const api = apiThatRefuses(/at-1/, signedIn(createIssuer()))
    await api.get('/one')
    await api.get('/two')
    expect(await total('tokenward.token.uses')).toBe(3)
    await apiThatRefuses(/./, signedIn(createIssuer()))
      .get('/me')
      .catch(() => undefined)
    expect(await counts('tokenward.rejections')).toEqual([
      [{ 'tokenward.rejection.outcome': 'replayed' }, 2],
      [
        {
          'tokenward.rejection.outcome': 'passed-on',
          'tokenward.rejection.reason': 'already-replayed',
          'error.type': 'ERR_NOT_REPLAYED',
        },
        1,
      ],
    ])
  })
})

describe('sessions', () => {
  it('are counted by what becomes of them', async () => {
    const { counts } = observed()
    const issuer = createIssuer()
    const store = new ScriptedStore(storedTokens('at-old'))
    const manager = signedIn(issuer, { store, recheckMs: 1_000 })
    await manager.getAccessToken()
    store.put(storedTokens('at-new', { version: 2 }))
    await pass(1_000)
    manager.peek()
    await settle()
    await manager.setTokens(issuer.issue())
    store.always(
      'save',
      before(() => Promise.reject(new Error('full'))),
    )
    await manager.signOut().catch(() => undefined)
    await settle()
    const event = (name: string) => ({ 'tokenward.session.event': name })
    expect(await counts('tokenward.session.events')).toEqual([
      [event('adopted'), 1],
      [event('tokensSet'), 1],
      [{ ...event('sessionEnded'), 'tokenward.session.end_reason': 'signed-out' }, 1],
      [{ ...event('saveFailed'), 'error.type': 'ERR_TOKEN_STORE' }, 1],
    ])
  })
})
