import { describe, expect, it } from 'vitest'
import type { WaitMessage } from 'tokenward'
import { listen } from './support.js'
import { LIFETIME_MS, createIssuer, refuses, signedIn } from '../../support/session/issuer.js'
import { failureOf, held, watch } from '../../support/session/promises.js'
import { storedTokens } from '../../support/session/records.js'
import { ScriptedStore, before } from '../../support/session/scripted-store.js'
import { fakeTime, pass, settle } from '../../support/session/time.js'

fakeTime()

const listenToWaits = () => listen<WaitMessage>('tokenward:wait')

describe('a wait', () => {
  it('is told for each caller, when it has ended', async () => {
    const messages = listenToWaits()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const { sessionId } = manager
    await pass(LIFETIME_MS)
    const answer = held()
    issuer.next(() => answer.promise.then(issuer.issue))
    const first = watch(manager.getAccessToken())
    await pass(300)
    const second = watch(manager.getAccessToken())
    await pass(200)
    expect(messages).toEqual([])
    answer.resolve()
    await settle()
    expect([first.value, second.value]).toEqual(['at-2', 'at-2'])
    const served = { sessionId, outcome: 'served', error: undefined }
    expect(messages).toEqual([
      { ...served, durationMs: 500 },
      { ...served, durationMs: 200 },
    ])
  })

  it('for a look at the store is one too', async () => {
    const messages = listenToWaits()
    const store = new ScriptedStore(storedTokens('at-stored', { sessionId: 'ann' }))
    store.always(
      'load',
      before(() => new Promise((resolve) => setTimeout(resolve, 50))),
    )
    const token = watch(signedIn(createIssuer(), { store }).getAccessToken())
    await pass(50)
    expect(token.value).toBe('at-stored')
    expect(messages).toEqual([
      { sessionId: 'ann', outcome: 'served', durationMs: 50, error: undefined },
    ])
  })

  it('that ends in an error names it', async () => {
    const messages = listenToWaits()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    issuer.always = refuses(400, 'invalid_client')
    const error = await failureOf(manager.refresh())
    expect(messages).toEqual([expect.objectContaining({ outcome: 'failed', error })])
  })

  it('that its caller ends is aborted, and the reason is the caller’s own', async () => {
    const messages = listenToWaits()
    const issuer = createIssuer()
    const manager = signedIn(issuer)
    const answer = held()
    issuer.next(() => answer.promise.then(issuer.issue))
    const controller = new AbortController()
    const call = watch(manager.refresh({ signal: controller.signal }))
    await pass(100)
    controller.abort(new Error('the user of at-1 went away'))
    await settle()
    expect(call.error).toBe(controller.signal.reason)
    expect(messages).toEqual([
      expect.objectContaining({ outcome: 'aborted', durationMs: 100, error: undefined }),
    ])
    answer.resolve()
    await settle()
  })
})

describe('no wait', () => {
  it('is that of a caller whom the token at hand serves', async () => {
    const messages = listenToWaits()
    const manager = signedIn(createIssuer())
    await manager.getAccessToken()
    await manager.getAccessToken({ minValidityMs: 1_000 })
    await pass(LIFETIME_MS * 0.9)
    await manager.getAccessToken() // due: renewed behind it
    await settle()
    expect(messages).toEqual([])
  })
})
