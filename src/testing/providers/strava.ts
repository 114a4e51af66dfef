import type { Emulation } from '../emulation.js'

const refused = (resource: string, field: string, code = 'invalid') => ({
  message: 'Bad Request',
  errors: [{ resource, field, code }],
})

export const strava: Emulation = {
  issuer: 'https://www.strava.com',
  paths: { authorization: '/oauth/authorize', token: '/api/v3/oauth/token' },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 21_600_000,
    rotation: true,
    requirePkce: false,
  },
  success: ({ access_token, expires_in = 0, refresh_token }, grant) => ({
    token_type: 'Bearer',
    access_token,
    expires_at: Math.floor(Date.now() / 1000) + expires_in,
    expires_in,
    refresh_token,
    ...(grant === 'login' && { athlete: { id: 1234567, username: 'marianne', resource_state: 2 } }),
  }),
  refusals: {
    'dead-token': { status: 400, body: refused('RefreshToken', 'refresh_token') },
    'bad-client': { status: 400, body: refused('Application', 'client_secret') },
    'bad-code': { status: 400, body: refused('AuthorizationCode', 'code') },
    throttled: {
      status: 429,
      body: {
        message: 'Rate Limit Exceeded',
        errors: [{ resource: 'Application', field: 'rate limit', code: 'exceeded' }],
      },
    },
  },
}
