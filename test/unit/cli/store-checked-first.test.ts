import { TokenStoreError } from 'tokenward'
import { browserLogin, deviceLogin, terminalLogin } from 'tokenward/cli'
import { describe, expect, it, vi } from 'vitest'
import { fakeClient, rejectionOf } from './support.js'

const broken = new TokenStoreError('the disk is full', { operation: 'save', reason: 'unwritable' })
const store = { check: () => Promise.reject(broken) }

describe('a store that cannot keep the login', () => {
  const open = vi.fn()
  const onCode = vi.fn()
  const client = {
    ...fakeClient(),
    discover: vi.fn(() => Promise.reject(new Error('asked'))),
    deviceAuthorization: vi.fn(() => Promise.reject(new Error('asked'))),
  }

  it.each([
    ['browserLogin', () => browserLogin({ client, open, store })],
    ['deviceLogin', () => deviceLogin({ client, onCode, store })],
    ['terminalLogin', () => terminalLogin({ client, onUrl: open, onCode, store })],
  ])('is told before anything is asked of the user or the server: %s', async (_, login) => {
    expect(await rejectionOf(login())).toBe(broken)
    expect(open).not.toHaveBeenCalled()
    expect(onCode).not.toHaveBeenCalled()
    expect(client.authorizationRequest).not.toHaveBeenCalled()
    expect(client.discover).not.toHaveBeenCalled()
    expect(client.deviceAuthorization).not.toHaveBeenCalled()
  })

  it('must be one that can be checked', async () => {
    const login = browserLogin({ client, open, store: {} as never })
    await expect(login).rejects.toThrow(/`store` must be a store with check\(\)/)
  })
})
