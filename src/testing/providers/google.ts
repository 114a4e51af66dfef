import type { Emulation } from '../emulation.js'

export const google: Emulation = {
  issuer: 'https://accounts.google.com',
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 3_599_000, rotation: false },
  refusals: {
    'dead-token': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
    },
    'bad-client': {
      status: 401,
      body: { error: 'invalid_client', error_description: 'Unauthorized' },
    },
    'bad-code': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Malformed auth code.' },
    },
  },
}
