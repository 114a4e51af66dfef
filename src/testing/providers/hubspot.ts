import type { Emulation } from '../emulation.js'

export const hubspot: Emulation = {
  issuer: 'https://api.hubapi.com',
  paths: { authorization: '/oauth/authorize', token: '/oauth/v1/token' },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 1_800_000,
    rotation: false,
    repeatRefreshToken: true,
  },
  success: ({ access_token, refresh_token, expires_in }) => ({
    token_type: 'bearer',
    refresh_token,
    access_token,
    expires_in,
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        status: 'BAD_REFRESH_TOKEN',
        message: 'missing or invalid refresh token',
        correlationId: 'aeb5f871-7f07-4993-9211-075dc63e7cbf',
      },
    },
    'bad-client': {
      status: 400,
      body: { status: 'BAD_CLIENT_SECRET', message: 'missing or invalid client secret' },
    },
    'bad-code': {
      status: 400,
      body: { status: 'BAD_AUTH_CODE', message: 'missing or unknown auth code' },
    },
  },
}
