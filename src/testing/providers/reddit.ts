import type { Emulation } from '../emulation.js'

export const reddit: Emulation = {
  issuer: 'https://www.reddit.com',
  paths: {
    authorization: '/api/v1/authorize',
    token: '/api/v1/access_token',
    revocation: '/api/v1/revoke_token',
  },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 3_600_000,
    rotation: false,
    requirePkce: false,
  },
  success: (tokens) => ({ ...tokens, token_type: 'bearer', scope: tokens.scope ?? '*' }),
  refusals: {
    // The error is a number.
    'dead-token': { status: 400, body: { message: 'Bad Request', error: 400 } },
    'bad-client': { status: 401, body: { message: 'Unauthorized', error: 401 } },
    'bad-code': { status: 200, body: { error: 'invalid_grant' } },
    throttled: { status: 429, body: { message: 'Too Many Requests', error: 429 } },
  },
}
