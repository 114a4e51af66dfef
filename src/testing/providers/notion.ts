import type { Emulation } from '../emulation.js'

const REQUEST_ID = '3c90c3cc-0d44-4b50-8888-8dd25736052a'

export const notion: Emulation = {
  issuer: 'https://api.notion.com',
  paths: {
    authorization: '/v1/oauth/authorize',
    token: '/v1/oauth/token',
    revocation: '/v1/oauth/revoke',
  },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 3_600_000,
    rotation: true,
    requirePkce: false,
  },
  request: { json: true, headers: ['notion-version'] },
  success: ({ access_token, refresh_token }) => ({
    access_token,
    token_type: 'bearer',
    refresh_token,
    bot_id: REQUEST_ID,
    workspace_icon: null,
    workspace_name: 'A workspace',
    workspace_id: REQUEST_ID,
    owner: { type: 'user', user: { object: 'user', id: REQUEST_ID } },
    duplicated_template_id: null,
    request_id: REQUEST_ID,
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        error: 'invalid_grant',
        error_description: 'Token has been expired or revoked.',
        request_id: REQUEST_ID,
      },
    },
    'bad-client': { status: 401, body: { error: 'invalid_client', request_id: REQUEST_ID } },
    throttled: {
      status: 429,
      body: { object: 'error', status: 429, code: 'rate_limited', request_id: REQUEST_ID },
      headers: { 'retry-after': '30' },
    },
  },
}
