import type { Emulation } from '../emulation.js'

const refused = (message: string, code: number, subcode?: number) => ({
  error: {
    message,
    type: 'OAuthException',
    code,
    ...(subcode !== undefined && { error_subcode: subcode }),
    fbtrace_id: 'AtMKS8Xm1y3Ts-T0aXQFz0C',
  },
})

export const meta: Emulation = {
  issuer: 'https://graph.facebook.com',
  paths: { authorization: '/v25.0/dialog/oauth', token: '/v25.0/oauth/access_token' },
  options: {
    accessTokenFormat: 'opaque',
    accessTokenLifetimeMs: 5_184_000_000,
    rotation: false,
    requirePkce: false,
  },
  request: { get: true },
  exchange: { grantType: 'fb_exchange_token', parameter: 'fb_exchange_token' },
  success: ({ access_token, expires_in }) => ({ access_token, token_type: 'bearer', expires_in }),
  refusals: {
    'dead-token': {
      status: 400,
      body: refused('Error validating access token: Session has expired.', 190, 463),
    },
    revoked: {
      status: 400,
      body: refused(
        'Error validating access token: The user has not authorized application.',
        190,
        458,
      ),
    },
    'bad-client': { status: 400, body: refused('Error validating client secret.', 1) },
    'bad-code': {
      status: 400,
      body: refused('This authorization code has expired.', 100, 36007),
    },
    throttled: { status: 400, body: refused('Application request limit reached', 4) },
  },
}
