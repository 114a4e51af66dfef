import type { Emulation } from '../emulation.js'

export const shopify: Emulation = {
  issuer: 'https://a-shop.myshopify.com',
  paths: { authorization: '/admin/oauth/authorize', token: '/admin/oauth/access_token' },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 3_600_000,
    rotation: true,
    requirePkce: false,
  },
  success: ({ access_token, expires_in, refresh_token, scope = '' }) => ({
    access_token,
    expires_in,
    refresh_token,
    refresh_token_expires_in: 7_776_000,
    scope: scope.replaceAll(' ', ','),
  }),
  refusals: {
    'dead-token': {
      status: 401,
      body: {
        error: 'invalid_request',
        error_description: 'This request requires an active refresh_token',
      },
    },
  },
}
