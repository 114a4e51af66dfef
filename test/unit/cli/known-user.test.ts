import { UnsecuredJWT } from 'jose'
import { knownUser } from 'tokenward/cli'
import { describe, expect, it } from 'vitest'

const idToken = (claims: object) => new UnsecuredJWT({ ...claims }).encode()

describe('who is logged in', () => {
  it.each([
    [{ sub: '1', name: 'Ada', preferred_username: 'ada', email: 'ada@a.test' }, 'ada@a.test'],
    [{ sub: '1', name: 'Ada', preferred_username: 'ada' }, 'ada'],
    [{ sub: '1', name: 'Ada\u001b[2J\nroot' }, 'Ada[2J root'],
    [{ sub: '1', email: true }, '1'],
    [{ sub: '\u200b' }, 'unknown'],
    [{}, 'unknown'],
  ])('is told from the claims %j: %s', (claims, label) => {
    expect(knownUser({ idToken: idToken(claims) })).toEqual({ label, claims })
  })

  it.each([
    ['nobody', undefined],
    ['no ID token', {}],
    ['an ID token that is too long', { idToken: idToken({ sub: 'a'.repeat(200_000) }) }],
    ['an ID token that cannot be read', { idToken: 'a.b.c.d.e' }],
  ])('is not known: %s', (_, tokens) => {
    expect(knownUser(tokens)).toBeUndefined()
  })
})
