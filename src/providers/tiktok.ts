import type { Provider } from '../oauth/provider.js'

/**
 * TikTok, Login Kit for the web (OAuth v2).
 *
 * @public
 */
export function tiktok(): Provider {
  const key = { parameterNames: { client_id: 'client_key' } }
  return {
    name: 'TikTok',
    endpoints: {
      authorization: 'https://www.tiktok.com/v2/auth/authorize/',
      token: 'https://open.tiktokapis.com/v2/oauth/token/',
      revocation: 'https://open.tiktokapis.com/v2/oauth/revoke/',
    },
    clientAuth: 'client_secret_post',
    // For desktop apps it is needed, with the challenge in hexadecimal: not that of RFC 7636.
    pkce: false,
    scopeSeparator: ',',
    authorizationRequest: key,
    tokenRequest: key,
    revocationRequest: key,
    refreshTokens: 'rotated',
    extra: ['open_id'],
    about: {
      sources: [
        'https://developers.tiktok.com/docs/en/oauth-refresh-a-user-access-token',
        'https://developers.tiktok.com/doc/oauth-user-access-token-management',
        'https://developers.tiktok.com/doc/oauth-error-handling',
      ],
      readOn: '2026-11-28',
      unsure: [
        'The pages differ in the lifetimes (2 hours or 24, 180 days or 365): the values in a response are used.',
        'The status of a refusal is not documented. A refusal is read with any status.',
      ],
    },
  }
}
