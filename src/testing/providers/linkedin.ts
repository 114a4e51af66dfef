import type { Emulation } from '../emulation.js'

export const linkedin: Emulation = {
  issuer: 'https://www.linkedin.com',
  paths: {
    authorization: '/oauth/v2/authorization',
    token: '/oauth/v2/accessToken',
    revocation: '/oauth/v2/revoke',
  },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 5_184_000_000,
    rotation: false,
    repeatRefreshToken: true,
    requirePkce: false,
  },
  success: ({ access_token, expires_in, refresh_token, scope = '' }) => ({
    access_token,
    expires_in,
    refresh_token,
    refresh_token_expires_in: 31_536_000,
    scope: scope.replaceAll(' ', ','),
    token_type: 'Bearer',
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
    },
    'bad-code': {
      status: 400,
      body: {
        error: 'invalid_request',
        error_description:
          'Unable to retrieve access token: the authorization code expired, or does not match.',
      },
    },
    'bad-client': {
      status: 401,
      body: { error: 'invalid_client', error_description: 'Client authentication failed' },
    },
  },
}
