import type { Emulation } from '../emulation.js'

export const zoho: Emulation = {
  issuer: 'https://accounts.zoho.com',
  paths: {
    authorization: '/oauth/v2/auth',
    token: '/oauth/v2/token',
    revocation: '/oauth/v2/token/revoke',
  },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 3_600_000, rotation: false },
  success: (tokens) => ({ ...tokens, api_domain: 'https://www.zohoapis.com' }),
  refusals: {
    'dead-token': { status: 200, body: { error: 'invalid_code' } },
    'bad-client': { status: 200, body: { error: 'invalid_client' } },
    'bad-code': { status: 200, body: { error: 'invalid_code' } },
    throttled: {
      status: 400,
      body: {
        error_description:
          'You have made too many requests continuously. Please try again after some time.',
        error: 'Access Denied',
        status: 'failure',
      },
    },
  },
}
