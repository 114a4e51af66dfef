import type { Emulation } from '../emulation.js'

export const zoom: Emulation = {
  issuer: 'https://zoom.us',
  paths: { authorization: '/oauth/authorize', token: '/oauth/token', revocation: '/oauth/revoke' },
  options: { accessTokenLifetimeMs: 3_599_000, rotation: true },
  success: (tokens) => ({ ...tokens, token_type: 'bearer', api_url: 'https://api.zoom.us' }),
  refusals: {
    'dead-token': { status: 400, body: { reason: 'Invalid Token!', error: 'invalid_grant' } },
    'bad-client': {
      status: 400,
      body: { reason: 'Invalid client_id or client_secret', error: 'invalid_client' },
    },
  },
}
