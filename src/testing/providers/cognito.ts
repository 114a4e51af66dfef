import type { Emulation } from '../emulation.js'

export const cognito: Emulation = {
  issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
  paths: {
    authorization: '/oauth2/authorize',
    token: '/oauth2/token',
    revocation: '/oauth2/revoke',
  },
  options: { accessTokenLifetimeMs: 3_600_000, rotation: false },
  refusals: {
    'bad-client': { status: 400, body: { error: 'invalid_client' } },
  },
}
