import { describe, expect, it } from 'vitest'
import { fixedToken, type RejectionMessage, type UseMessage } from 'tokenward'
import { apiThatRefuses, listen } from './support.js'
import { createIssuer, refuses, signedIn } from '../../support/session/issuer.js'

const listenToUses = () => listen<UseMessage>('tokenward:use')
const listenToRejections = () => listen<RejectionMessage>('tokenward:rejection')

describe('a token put on a request', () => {
  it('is told, by the name of its session', async () => {
    const uses = listenToUses()
    const manager = signedIn(createIssuer())
    const api = apiThatRefuses(/none/, manager)
    await Promise.all([api.get('/one'), api.get('/two')])
    await api.get('/three', { tokens: false })
    await api.get('https://elsewhere.example.com/four')
    expect(uses).toEqual([{ sessionId: manager.sessionId }, { sessionId: manager.sessionId }])
  })

  it('of a source without sessions has no name', async () => {
    const uses = listenToUses()
    await apiThatRefuses(/none/, fixedToken('a-token')).get('/one')
    expect(uses).toEqual([{ sessionId: undefined }])
  })
})

describe('a token that an API refused', () => {
  it('is told once the request is sent again, which is another use', async () => {
    const [uses, rejections] = [listenToUses(), listenToRejections()]
    const manager = signedIn(createIssuer())
    const { sessionId } = manager
    await apiThatRefuses(/at-1/, manager).get('/me')
    expect(uses).toHaveLength(2)
    expect(rejections).toEqual([{ sessionId, outcome: 'replayed', error: undefined }])
  })

  it('is told with why the refusal is passed on', async () => {
    const rejections = listenToRejections()
    const issuer = createIssuer()
    issuer.next(refuses(400, 'invalid_client'))
    for (const manager of [signedIn(createIssuer()), signedIn(issuer)]) {
      await expect(apiThatRefuses(/at-/, manager).get('/me')).rejects.toThrow()
    }
    const whys = rejections.map(({ outcome, error }) => [outcome, error?.code])
    expect(whys).toEqual([
      ['replayed', undefined],
      ['passed-on', 'ERR_NOT_REPLAYED'],
      ['passed-on', 'ERR_REFRESH_REJECTED'],
    ])
  })

  it('is told without a reason where the source cannot renew', async () => {
    const rejections = listenToRejections()
    await expect(apiThatRefuses(/./, fixedToken('a-token')).get('/me')).rejects.toThrow()
    expect(rejections).toEqual([{ sessionId: undefined, outcome: 'passed-on', error: undefined }])
  })
})
