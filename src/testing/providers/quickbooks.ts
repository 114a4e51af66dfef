import type { Emulation } from '../emulation.js'

export const quickbooks: Emulation = {
  issuer: 'https://oauth.platform.intuit.com',
  paths: {
    authorization: '/connect/oauth2',
    token: '/oauth2/v1/tokens/bearer',
    revocation: '/v2/oauth2/tokens/revoke',
  },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 3_600_000,
    rotation: false,
    repeatRefreshToken: true,
    requirePkce: false,
  },
  request: { json: true },
  redirect: { realmId: '4620816365049178370' },
  success: ({ access_token, refresh_token, expires_in, id_token }) => ({
    access_token,
    refresh_token,
    token_type: 'bearer',
    expires_in,
    x_refresh_token_expires_in: 8_726_400,
    id_token,
  }),
}
