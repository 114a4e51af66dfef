import { describe, expect, it } from 'vitest'
import { TokenOptionsError } from 'tokenward'
import { createAuthorizationServer, type AuthorizationServerOptions } from 'tokenward/testing'

describe('an option that is wrong', () => {
  it.each([
    [{ issuer: 'auth.example.com' }, /`issuer` must be an absolute HTTP or HTTPS URL/],
    [{ issuer: 'https://auth.example.com/?a=1' }, /`issuer`/],
    [{ issuer: 'https://auth.example.com/#a' }, /`issuer`/],
    [{ issuer: 'ftp://auth.example.com' }, /`issuer`/],
    [{ issuer: {} }, /`issuer` .*got an object/],
    [{ clientId: '' }, /`clientId`/],
    [{ clientSecret: 'secret' }, /`clientId`/],
    [{ clientAuth: 'none' }, /`clientId`/],
    [{ clientId: 'web', clientSecret: 7 }, /`clientSecret`/],
    [{ clientId: 'web', clientSecret: '' }, /`clientSecret`/],
    [{ clientId: 'web', clientAuth: 'client_secret_basic' }, /`clientAuth` must be one of none/],
    [{ clientId: 'web', clientSecret: 'secret', clientAuth: 'none' }, /`clientAuth`/],
    [{ accessTokenFormat: 'saml' }, /`accessTokenFormat` must be one of jwt, opaque/],
    [{ accessTokenLifetimeMs: -1 }, /`accessTokenLifetimeMs` .*got -1/],
    [{ accessTokenLifetimeMs: Infinity }, /`accessTokenLifetimeMs`/],
    [{ accessTokenLifetimeMs: '5' }, /`accessTokenLifetimeMs`/],
    [{ reuseGraceMs: NaN }, /`reuseGraceMs`/],
    [{ clockOffsetMs: NaN }, /`clockOffsetMs`/],
    [{ rotation: 'yes' }, /`rotation`/],
    [{ scope: 7 }, /`scope`/],
    [{ redirectUris: ['/callback'] }, /`redirectUris` must be an array of absolute URLs/],
    [{ requirePkce: 1 }, /`requirePkce`/],
    [{ requirePushedRequests: 'yes' }, /`requirePushedRequests`/],
    [{ deviceIntervalMs: -1 }, /`deviceIntervalMs`/],
    [{ as: 'nobody' }, /`as` must be one of .*slack/],
    [{ nope: 1 }, /unknown option `nope`. The options are: as, issuer, /],
    [{ acessTokenLifetimeMs: undefined }, /unknown option `acessTokenLifetimeMs`/],
    [{ toString: 1 }, /unknown option `toString`/],
  ])('%o is refused at once', (options, message) => {
    const create = () => createAuthorizationServer(options as object)
    expect(create).toThrow(TokenOptionsError)
    expect(create).toThrow(message)
  })
})

describe('an unknown option', () => {
  it('is named, and its value is not said', () => {
    const create = () => createAuthorizationServer({ client_secret: 's3cr3t' } as object)
    expect(create).toThrow(/`client_secret`/)
    expect(create).not.toThrow('s3cr3t')
  })
})

describe('every option that there is', () => {
  it('is taken', () => {
    const every: Required<AuthorizationServerOptions> = {
      as: 'slack',
      issuer: 'https://auth.example.com',
      clientId: 'web',
      clientSecret: 'secret',
      clientAuth: 'client_secret_post',
      accessTokenFormat: 'opaque',
      accessTokenLifetimeMs: 1,
      omitExpiresIn: true,
      rotation: false,
      reuseGraceMs: 1,
      repeatRefreshToken: true,
      clockOffsetMs: -1,
      scope: 'read',
      redirectUris: ['https://app.example.com/callback'],
      requirePkce: true,
      requirePushedRequests: true,
      deviceIntervalMs: 1,
    }
    expect(() => createAuthorizationServer(every)).not.toThrow()
  })
})
