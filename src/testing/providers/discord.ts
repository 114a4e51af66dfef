import type { Emulation } from '../emulation.js'

export const discord: Emulation = {
  issuer: 'https://discord.com',
  paths: {
    authorization: '/oauth2/authorize',
    token: '/api/oauth2/token',
    revocation: '/api/oauth2/token/revoke',
  },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 604_800_000, rotation: true },
  refusals: {
    throttled: {
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: 64.57, global: false },
      headers: { 'retry-after': '65' },
    },
  },
}
