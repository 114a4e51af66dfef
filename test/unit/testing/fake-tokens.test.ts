import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { LoginRequiredError, TokenOptionsError } from 'tokenward'
import { fakeTokens } from 'tokenward/testing'

describe('fakeTokens', () => {
  it('gives the current token, to those who wait and those who do not', async () => {
    const fake = fakeTokens()
    expect(await fake.getAccessToken()).toBe('fake-token-1')
    expect(fake.peek()).toBe('fake-token-1')
    expect(fake.accessToken).toBe('fake-token-1')
  })

  it('gives the next token at each refresh', async () => {
    const fake = fakeTokens()
    expect(await fake.refresh()).toBe('fake-token-2')
    expect(await fake.refresh({ rejected: 'fake-token-2' })).toBe('fake-token-3')
    expect(await fake.getAccessToken()).toBe('fake-token-3')
  })

  it('gives one token for one that many saw rejected', async () => {
    const fake = fakeTokens()
    const rejected = fake.accessToken
    const answers = await Promise.all([fake.refresh({ rejected }), fake.refresh({ rejected })])
    expect(answers).toEqual(['fake-token-2', 'fake-token-2'])
    expect(fake.calls).toMatchObject({ refresh: 2, refreshed: 1 })
  })

  it('gives the tokens of the test, then numbered ones', async () => {
    const fake = fakeTokens({ tokens: ['one', 'two'] })
    expect(fake.accessToken).toBe('one')
    expect(await fake.refresh()).toBe('two')
    expect(await fake.refresh()).toBe('fake-token-3')
  })

  it('counts calls, in a snapshot', async () => {
    const fake = fakeTokens()
    const before = fake.calls
    await fake.getAccessToken()
    fake.peek()
    await fake.refresh()
    await fake.renew({ token: 'fake-token-2' }, { isReplay: true }).catch(() => {})
    expect(fake.calls).toEqual({
      getAccessToken: 1,
      peek: 1,
      refresh: 1,
      replayRejected: 1,
      refreshed: 1,
    })
    expect(before.getAccessToken).toBe(0)
  })

  it('rotates as a refresh elsewhere would', async () => {
    const fake = fakeTokens()
    expect(fake.rotate()).toBe('fake-token-2')
    expect(fake.rotate('theirs')).toBe('theirs')
    expect(fake.peek()).toBe('theirs')
    expect(fake.calls.refresh).toBe(0)
    expect(await fake.refresh({ rejected: 'fake-token-2' })).toBe('theirs')
  })

  it('withholds an expired token until somebody waits for the next', async () => {
    const fake = fakeTokens()
    fake.expire()
    expect(fake.peek()).toBeUndefined()
    expect(await fake.getAccessToken()).toBe('fake-token-2')
    expect(fake.peek()).toBe('fake-token-2')
    fake.expire()
    expect(await fake.refresh({ rejected: 'fake-token-1' })).toBe('fake-token-3')
  })

  it('fails as told until it recovers', async () => {
    const fake = fakeTokens()
    const error = new LoginRequiredError()
    fake.fail(error)
    expect(fake.peek()).toBeUndefined()
    await expect(fake.getAccessToken()).rejects.toBe(error)
    await expect(fake.refresh()).rejects.toBe(error)
    await expect(fake.refresh({ rejected: 'older' })).rejects.toBe(error)
    fake.recover()
    expect(await fake.getAccessToken()).toBe('fake-token-1')
  })

  it('fails so many times', async () => {
    const fake = fakeTokens()
    fake.fail(new Error('down'), { times: 2 })
    await expect(fake.getAccessToken()).rejects.toThrow('down')
    await expect(fake.refresh()).rejects.toThrow('down')
    expect(await fake.refresh()).toBe('fake-token-2')
  })

  it('fails to refresh, while the current token goes on being given', async () => {
    const fake = fakeTokens()
    fake.fail(new Error('down'), { only: 'refresh' })
    expect(fake.peek()).toBe('fake-token-1')
    expect(await fake.getAccessToken()).toBe('fake-token-1')
    expect(await fake.refresh({ rejected: 'older' })).toBe('fake-token-1')
    await expect(fake.refresh()).rejects.toThrow('down')
    fake.expire()
    await expect(fake.getAccessToken()).rejects.toThrow('down')
  })

  it('rejects with the reason of an aborted signal', async () => {
    const fake = fakeTokens()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(fake.getAccessToken({ signal })).rejects.toThrow('enough')
    await expect(fake.refresh({ signal })).rejects.toThrow('enough')
    expect(fake.accessToken).toBe('fake-token-1')
  })

  it('refuses what cannot stand in a header, without repeating it', () => {
    const make = () => fakeTokens({ tokens: ['good', 'se\r\ncret'] })
    expect(make).toThrow(TokenOptionsError)
    expect(make).not.toThrow(/cret/)
    expect(() => fakeTokens().rotate('')).toThrow(TokenOptionsError)
    expect(() => fakeTokens().fail(new Error(), { times: 0 })).toThrow(TokenOptionsError)
  })

  it('shows no token', () => {
    const fake = fakeTokens({ tokens: ['the-secret'] })
    expect(inspect(fake, { depth: 9, showHidden: true })).toMatch(/^FakeTokens \{ calls: /)
    expect(inspect({ fake }, { depth: 9 })).not.toContain('the-secret')
  })
})
