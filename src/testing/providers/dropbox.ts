import type { Emulation } from '../emulation.js'

export const dropbox: Emulation = {
  issuer: 'https://api.dropboxapi.com',
  paths: { authorization: '/oauth2/authorize', token: '/oauth2/token' },
  options: { accessTokenFormat: 'opaque', accessTokenLifetimeMs: 14_400_000, rotation: false },
  success: (tokens, grant) => ({
    ...tokens,
    token_type: 'bearer',
    ...(grant === 'login' && { uid: '12345', account_id: 'dbid:AAH4f99T0taONIb' }),
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: { error_description: 'refresh token is malformed', error: 'invalid_grant' },
    },
    revoked: {
      status: 400,
      body: { error_description: 'refresh token is invalid or revoked', error: 'invalid_grant' },
    },
    'bad-client': {
      status: 400,
      body: { error: 'invalid_client: Invalid client_id or client_secret' },
    },
  },
}
