import type { Emulation } from '../emulation.js'

export const x: Emulation = {
  issuer: 'https://api.x.com',
  paths: {
    authorization: '/i/oauth2/authorize',
    token: '/2/oauth2/token',
    revocation: '/2/oauth2/revoke',
  },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 7_200_000, rotation: true },
  success: (tokens) => ({ ...tokens, token_type: 'bearer' }),
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: 'Value passed for the token was invalid.',
      },
    },
    'bad-client': {
      status: 401,
      body: {
        error: 'unauthorized_client',
        error_description: 'Missing valid authorization header',
      },
    },
    'bad-code': {
      status: 400,
      body: {
        error: 'invalid_request',
        error_description: 'Value passed for the authorization code was invalid.',
      },
    },
    throttled: {
      status: 429,
      body: {
        title: 'Too Many Requests',
        detail: 'Too Many Requests',
        type: 'about:blank',
        status: 429,
      },
      headers: { 'x-rate-limit-remaining': '0' },
    },
  },
}
