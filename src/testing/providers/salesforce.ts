import type { Emulation } from '../emulation.js'

export const salesforce: Emulation = {
  issuer: 'https://login.salesforce.com',
  paths: {
    authorization: '/services/oauth2/authorize',
    token: '/services/oauth2/token',
    revocation: '/services/oauth2/revoke',
  },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 7_200_000, rotation: false },
  success: ({ access_token, refresh_token, scope, id_token }) => ({
    access_token,
    refresh_token,
    id_token,
    signature: 'c2lnbmF0dXJl',
    scope: scope ?? 'api refresh_token',
    instance_url: 'https://acme.my.salesforce.com',
    id: 'https://login.salesforce.com/id/00D000000000000EAA/005000000000000AAA',
    token_type: 'Bearer',
    issued_at: String(Date.now()),
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'expired access/refresh token' },
    },
    revoked: {
      status: 400,
      body: { error: 'inactive_user', error_description: 'inactive user' },
    },
    'bad-client': {
      status: 400,
      body: { error: 'invalid_client', error_description: 'invalid client credentials' },
    },
    'bad-code': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'expired authorization code' },
    },
  },
}
