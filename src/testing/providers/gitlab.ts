import type { Emulation } from '../emulation.js'

export const gitlab: Emulation = {
  issuer: 'https://gitlab.com',
  paths: {
    authorization: '/oauth/authorize',
    token: '/oauth/token',
    revocation: '/oauth/revoke',
    deviceAuthorization: '/oauth/authorize_device',
  },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 7_200_000, rotation: true },
  success: (tokens) => ({ ...tokens, created_at: Math.floor(Date.now() / 1000) }),
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description:
          'The provided authorization grant is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
      },
    },
  },
}
