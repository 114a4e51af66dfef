import type { Emulation } from '../emulation.js'

export const okta: Emulation = {
  issuer: 'https://acme.okta.com/oauth2/default',
  paths: {
    authorization: '/v1/authorize',
    token: '/v1/token',
    revocation: '/v1/revoke',
    deviceAuthorization: '/v1/device/authorize',
    jwks: '/v1/keys',
  },
  options: { accessTokenLifetimeMs: 3_600_000, rotation: true },
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'The refresh token is invalid or expired.',
      },
    },
    'bad-client': {
      status: 401,
      body: {
        error: 'invalid_client',
        error_description: 'The client secret supplied for a confidential client is invalid.',
      },
    },
    throttled: {
      status: 429,
      body: {
        errorCode: 'E0000047',
        errorSummary: 'API call exceeded rate limit due to too many requests.',
        errorCauses: [],
      },
      headers: { 'x-rate-limit-remaining': '0' },
    },
  },
}
