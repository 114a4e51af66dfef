import { TokenManager, TokenOptionsError, TokenStoreError, type TokenStore } from 'tokenward'
import { saveLogin } from 'tokenward/cli'
import { describe, expect, it, vi } from 'vitest'
import { rejectionOf, TOKENS } from './support.js'

const broken: TokenStore = {
  load: async () => undefined,
  save: () => Promise.reject(new Error('EACCES')),
  exclusive: (task) => task({ isHeld: () => true }),
}

const refresh = () => Promise.reject(new Error('nothing is due'))

describe('a login', () => {
  it('that can be saved is saved, and nothing is revoked', async () => {
    const revoke = vi.fn()
    const tokens = new TokenManager({ refresh, revoke })
    await saveLogin(tokens, TOKENS)
    expect(await tokens.getTokens()).toMatchObject({ accessToken: TOKENS.accessToken })
    await tokens.close()
    expect(revoke).not.toHaveBeenCalled()
  })

  it('that cannot be saved is revoked at the server, and the store’s error comes', async () => {
    const revoke = vi.fn()
    const tokens = new TokenManager({ refresh, revoke, store: broken })
    expect(await rejectionOf(saveLogin(tokens, TOKENS))).toBeInstanceOf(TokenStoreError)
    await tokens.close()
    expect(revoke).toHaveBeenCalledOnce()
    expect(revoke.mock.lastCall![0]).toMatchObject({
      tokens: { refreshToken: TOKENS.refreshToken },
    })
  })

  it('that is refused for another reason signs nobody out', async () => {
    const target = {
      setTokens: () => Promise.reject(new TokenOptionsError('a bad key')),
      signOut: vi.fn(async () => {}),
    }
    expect(await rejectionOf(saveLogin(target, TOKENS))).toBeInstanceOf(TokenOptionsError)
    expect(target.signOut).not.toHaveBeenCalled()
  })
})
