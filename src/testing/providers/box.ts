import type { Emulation } from '../emulation.js'

export const box: Emulation = {
  issuer: 'https://api.box.com',
  paths: {
    authorization: '/api/oauth2/authorize',
    token: '/oauth2/token',
    revocation: '/oauth2/revoke',
  },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 3_600_000, rotation: true },
  success: ({ access_token, expires_in, refresh_token }) => ({
    access_token,
    expires_in,
    restricted_to: [],
    refresh_token,
    token_type: 'bearer',
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Refresh token has expired' },
    },
    revoked: {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Invalid refresh token' },
    },
    'bad-client': {
      status: 400,
      body: { error: 'invalid_client', error_description: 'The client credentials are invalid' },
    },
  },
}
