import type { Emulation } from '../emulation.js'

export const atlassian: Emulation = {
  issuer: 'https://auth.atlassian.com',
  paths: { token: '/oauth/token' },
  options: { accessTokenLifetimeMs: 3_600_000, rotation: true },
  request: { json: true },
  refusals: {
    'dead-token': {
      status: 403,
      body: {
        error: 'invalid_grant',
        error_description: 'Unknown or invalid refresh token.',
      },
    },
    'bad-client': {
      status: 401,
      body: { error: 'access_denied', error_description: 'Unauthorized' },
    },
    'bad-code': {
      status: 403,
      body: { error: 'invalid_grant', error_description: 'Invalid authorization code' },
    },
  },
}
