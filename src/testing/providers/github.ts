import type { Emulation } from '../emulation.js'

/** What GitHub's two kinds of apps have in common. Refusals have status 200. */
export const GITHUB = {
  issuer: 'https://github.com',
  paths: {
    authorization: '/login/oauth/authorize',
    token: '/login/oauth/access_token',
    deviceAuthorization: '/login/device/code',
    device: '/login/device',
  },
  refusals: {
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
} satisfies Partial<Emulation>
