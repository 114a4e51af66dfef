import type { Emulation } from '../emulation.js'

export const githubApp: Emulation = {
  issuer: 'https://github.com',
  paths: {
    authorization: '/login/oauth/authorize',
    token: '/login/oauth/access_token',
    deviceAuthorization: '/login/device/code',
    device: '/login/device',
  },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 28_800_000, rotation: true },
  success: ({ access_token, expires_in, refresh_token }) => ({
    access_token,
    expires_in,
    refresh_token,
    refresh_token_expires_in: 15_897_600,
    scope: '',
    token_type: 'bearer',
  }),
  // Refusals have status 200.
  refusals: {
    'dead-token': {
      status: 200,
      body: {
        error: 'bad_refresh_token',
        error_description: 'The refresh token passed is incorrect or expired.',
        error_uri: 'https://docs.github.com',
      },
    },
    'bad-client': {
      status: 200,
      body: {
        error: 'incorrect_client_credentials',
        error_description: 'The client_id and/or client_secret passed are incorrect.',
        error_uri: 'https://docs.github.com',
      },
    },
    'bad-code': {
      status: 200,
      body: {
        error: 'bad_verification_code',
        error_description: 'The code passed is incorrect or expired.',
        error_uri: 'https://docs.github.com',
      },
    },
  },
}
