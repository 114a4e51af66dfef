import type { Emulation } from '../emulation.js'

export const ebay: Emulation = {
  issuer: 'https://api.ebay.com',
  paths: { authorization: '/oauth2/authorize', token: '/identity/v1/oauth2/token' },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 7_200_000,
    rotation: false,
    requirePkce: false,
  },
  request: { redirectByName: true },
  success: ({ access_token, expires_in, refresh_token }, grant) => ({
    access_token,
    expires_in,
    ...(refresh_token !== undefined && { refresh_token, refresh_token_expires_in: 47_304_000 }),
    token_type: grant === 'client_credentials' ? 'Application Access Token' : 'User Access Token',
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description:
          'the provided authorization refresh token is invalid or was issued to another client',
      },
    },
    'bad-client': {
      status: 401,
      body: { error: 'invalid_client', error_description: 'client authentication failed' },
    },
    'bad-code': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description:
          'the provided authorization grant code is invalid or was issued to another client',
      },
    },
  },
}
