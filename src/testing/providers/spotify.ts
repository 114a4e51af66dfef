import type { Emulation } from '../emulation.js'

export const spotify: Emulation = {
  issuer: 'https://accounts.spotify.com',
  paths: { token: '/api/token' },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 3_600_000, rotation: false },
  refusals: {
    'dead-token': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Invalid refresh token' },
    },
    revoked: {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Refresh token revoked' },
    },
    'bad-client': {
      status: 400,
      body: { error: 'invalid_client', error_description: 'Invalid client' },
    },
    'bad-code': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Invalid authorization code' },
    },
  },
}
