import type { Emulation } from '../emulation.js'

const LOG_ID = '202206221854370101130062072500FFA2'

export const tiktok: Emulation = {
  issuer: 'https://open.tiktokapis.com',
  paths: {
    authorization: '/v2/auth/authorize/',
    token: '/v2/oauth/token/',
    revocation: '/v2/oauth/revoke/',
  },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 86_400_000,
    rotation: true,
    requirePkce: false,
  },
  request: { clientId: 'client_key' },
  success: ({ access_token, expires_in, refresh_token, scope = '' }) => ({
    access_token,
    expires_in,
    open_id: 'afd97af1-b87b-48b9-ac98-410aghda5344',
    refresh_expires_in: 31_536_000,
    refresh_token,
    scope: scope.replaceAll(' ', ','),
    token_type: 'Bearer',
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'Refresh token is invalid or expired.',
        log_id: LOG_ID,
      },
    },
    'bad-client': {
      status: 401,
      body: {
        error: 'invalid_client',
        error_description: 'Client key or secret is incorrect.',
        log_id: LOG_ID,
      },
    },
    'bad-code': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'Authorization code is expired.',
        log_id: LOG_ID,
      },
    },
  },
}
