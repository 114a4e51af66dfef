import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { TokenOptionsError } from '../../src/errors.js'
import { fixedToken } from '../../src/token-source.js'

describe('fixedToken', () => {
  it('gives the same token always, one promise for all', async () => {
    const source = fixedToken('ci-token')
    await expect(source.getAccessToken()).resolves.toBe('ci-token')
    expect(source.getAccessToken()).toBe(source.getAccessToken())
    expect(source.current?.()).toEqual({ token: 'ci-token' })
  })

  it('is never renewed', () => {
    expect(fixedToken('ci-token').renew).toBeUndefined()
  })

  it('shows no token', () => {
    expect(inspect(fixedToken('ci-token'))).toBe('TokenSource { fixed }')
    expect(JSON.stringify(fixedToken('ci-token'))).toBe('{}')
  })

  it.each([undefined, null, '', 'a\r\nb', ' a', 42, {}])('refuses %j', (token) => {
    expect(() => fixedToken(token as string)).toThrow(TokenOptionsError)
  })
})
