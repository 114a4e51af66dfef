import type { Emulation } from '../emulation.js'

export const twitch: Emulation = {
  issuer: 'https://id.twitch.tv',
  paths: {
    authorization: '/oauth2/authorize',
    token: '/oauth2/token',
    deviceAuthorization: '/oauth2/device',
    revocation: '/oauth2/revoke',
  },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 14_400_000,
    rotation: false,
    repeatRefreshToken: true,
    requirePkce: false,
  },
  success: ({ access_token, expires_in, refresh_token, scope }) => ({
    access_token,
    expires_in,
    refresh_token,
    scope: scope?.split(' ') ?? [],
    token_type: 'bearer',
  }),
  refusals: {
    'dead-token': { status: 400, body: { status: 400, message: 'Invalid refresh token' } },
    'bad-client': { status: 403, body: { status: 403, message: 'invalid client secret' } },
    'bad-code': { status: 400, body: { status: 400, message: 'Invalid authorization code' } },
  },
}
