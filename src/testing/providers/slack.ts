import type { Emulation } from '../emulation.js'

export const slack: Emulation = {
  issuer: 'https://slack.com',
  paths: { authorization: '/oauth/v2/authorize', token: '/api/oauth.v2.access' },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 43_200_000,
    rotation: true,
    requirePkce: false,
  },
  success: (tokens) => ({
    ok: true,
    ...tokens,
    token_type: 'bot',
    bot_user_id: 'U0KRQLJ9H',
    app_id: 'A0KRD7HC3',
    team: { name: 'A team', id: 'T9TK3CUKW' },
    enterprise: null,
    authed_user: { id: 'U1234' },
    is_enterprise_install: false,
  }),
  // Refusals have status 200.
  refusals: {
    'dead-token': { status: 200, body: { ok: false, error: 'invalid_refresh_token' } },
    revoked: { status: 200, body: { ok: false, error: 'token_revoked' } },
    'bad-client': { status: 200, body: { ok: false, error: 'bad_client_secret' } },
    'bad-code': { status: 200, body: { ok: false, error: 'invalid_code' } },
    throttled: {
      status: 429,
      body: { ok: false, error: 'ratelimited' },
      headers: { 'retry-after': '30' },
    },
  },
}
