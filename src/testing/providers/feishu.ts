import type { Emulation } from '../emulation.js'

export const feishu: Emulation = {
  issuer: 'https://open.feishu.cn',
  paths: {
    authorization: '/open-apis/authen/v1/authorize',
    token: '/open-apis/authen/v2/oauth/token',
  },
  options: { accessTokenLifetimeMs: 7_200_000, rotation: true },
  request: { json: true },
  success: ({ access_token, expires_in, refresh_token, scope = '' }) => ({
    code: 0,
    access_token,
    expires_in,
    refresh_token,
    refresh_token_expires_in: 604_800,
    scope,
    token_type: 'Bearer',
  }),
  refusals: {
    'dead-token': {
      status: 400,
      body: {
        code: 20037,
        error: 'invalid_grant',
        error_description: 'The refresh token has expired.',
      },
    },
    revoked: {
      status: 400,
      body: {
        code: 20064,
        error: 'invalid_grant',
        error_description: 'The refresh token has been revoked.',
      },
    },
    'bad-client': {
      status: 400,
      body: {
        code: 20002,
        error: 'invalid_client',
        error_description: 'The client secret is invalid.',
      },
    },
    'bad-code': {
      status: 400,
      body: {
        code: 20003,
        error: 'invalid_grant',
        error_description: 'The authorization code is invalid.',
      },
    },
  },
}
