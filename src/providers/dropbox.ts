import type { Provider } from '../oauth/provider.js'

/**
 * Dropbox.
 *
 * @public
 */
export function dropbox(): Provider {
  return {
    name: 'Dropbox',
    endpoints: {
      authorization: 'https://www.dropbox.com/oauth2/authorize',
      token: 'https://api.dropboxapi.com/oauth2/token',
    },
    clientAuth: 'client_secret_post',
    authorizationRequest: { parameters: { token_access_type: 'offline' } },
    refreshTokens: 'reused',
    extra: ['account_id', 'team_id'],
    about: {
      sources: [
        'https://developers.dropbox.com/oauth-guide',
        'https://dropbox.tech/developers/using-oauth-2-0-with-offline-access',
      ],
      readOn: '2026-11-28',
      unsure: [
        'There is no revocation endpoint of RFC 7009: an API call with the token revokes it.',
      ],
    },
  }
}
