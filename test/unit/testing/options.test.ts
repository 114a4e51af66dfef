import { describe, expect, it } from 'vitest'
import { TokenOptionsError } from 'tokenward'
import { createAuthorizationServer } from 'tokenward/testing'

describe('an option that is wrong', () => {
  it.each([
    [{ issuer: 'auth.example.com' }, /^issuer: .*got auth\.example\.com/],
    [{ issuer: 'https://auth.example.com/?a=1' }, /^issuer/],
    [{ issuer: 'https://auth.example.com/#a' }, /^issuer/],
    [{ issuer: 'ftp://auth.example.com' }, /^issuer/],
    [{ issuer: {} }, /^issuer: .*got an object/],
    [{ clientId: '' }, /^clientId/],
    [{ clientSecret: 'secret' }, /^clientId/],
    [{ clientAuth: 'none' }, /^clientId/],
    [{ clientId: 'web', clientSecret: 7 }, /^clientSecret/],
    [{ clientId: 'web', clientSecret: '' }, /^clientSecret/],
    [{ clientId: 'web', clientAuth: 'client_secret_basic' }, /^clientAuth/],
    [{ clientId: 'web', clientSecret: 'secret', clientAuth: 'none' }, /^clientAuth/],
    [{ accessTokenFormat: 'saml' }, /^accessTokenFormat: one of jwt, opaque wanted, got saml/],
    [{ accessTokenLifetimeMs: -1 }, /^accessTokenLifetimeMs/],
    [{ accessTokenLifetimeMs: Infinity }, /^accessTokenLifetimeMs/],
    [{ accessTokenLifetimeMs: '5' }, /^accessTokenLifetimeMs/],
    [{ reuseGraceMs: NaN }, /^reuseGraceMs/],
    [{ clockOffsetMs: NaN }, /^clockOffsetMs/],
    [{ rotation: 'yes' }, /^rotation/],
    [{ scope: 7 }, /^scope/],
  ])('%o is refused at once', (options, message) => {
    const create = () => createAuthorizationServer(options as object)
    expect(create).toThrow(TokenOptionsError)
    expect(create).toThrow(message)
  })
})
