import type { Emulation } from '../emulation.js'

export const auth0: Emulation = {
  issuer: 'https://acme.eu.auth0.com/',
  paths: {
    token: '/oauth/token',
    revocation: '/oauth/revoke',
    deviceAuthorization: '/oauth/device/code',
  },
  options: { accessTokenLifetimeMs: 86_400_000, rotation: true },
  request: { json: true },
  refusals: {
    'dead-token': {
      status: 403,
      body: { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' },
    },
    'bad-client': {
      status: 401,
      body: { error: 'access_denied', error_description: 'Unauthorized' },
    },
    'bad-code': {
      status: 403,
      body: { error: 'invalid_grant', error_description: 'Invalid authorization code' },
    },
    'resource-refused': {
      status: 403,
      body: {
        error: 'mfa_required',
        error_description: 'Multifactor authentication required',
        mfa_token: 'Fe26.2**a-token',
      },
    },
  },
}
