import type { Emulation } from '../emulation.js'

export const keycloak: Emulation = {
  issuer: 'https://sso.example.com/realms/acme',
  paths: {
    authorization: '/protocol/openid-connect/auth',
    token: '/protocol/openid-connect/token',
    revocation: '/protocol/openid-connect/revoke',
    deviceAuthorization: '/protocol/openid-connect/auth/device',
    jwks: '/protocol/openid-connect/certs',
  },
  options: { accessTokenLifetimeMs: 300_000, rotation: true },
  success: ({ access_token, expires_in, refresh_token, id_token, scope = '' }) => ({
    access_token,
    expires_in,
    refresh_expires_in: 1_800,
    refresh_token,
    token_type: 'Bearer',
    id_token,
    'not-before-policy': 0,
    session_state: '1f0b0b0e-5b0a-4f4e-8f0e-0b0b0e5b0a4f',
    scope,
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Token is not active' },
    },
    revoked: {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Session not active' },
    },
    'bad-client': {
      status: 401,
      body: {
        error: 'unauthorized_client',
        error_description: 'Invalid client or Invalid client credentials',
      },
    },
    'bad-code': {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Code not valid' },
    },
  },
}
