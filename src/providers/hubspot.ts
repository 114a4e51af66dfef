import type { Provider } from '../oauth/provider.js'

/**
 * HubSpot.
 *
 * @public
 */
export function hubspot(): Provider {
  return {
    name: 'HubSpot',
    endpoints: {
      authorization: 'https://app.hubspot.com/oauth/authorize',
      token: 'https://api.hubapi.com/oauth/v1/token',
    },
    clientAuth: 'client_secret_post',
    refreshTokens: 'reused',
    extra: ['hub_id'],
    errors: {
      code: ['status', 'error'],
      description: ['message', 'error_description'],
      endsSession: ['BAD_REFRESH_TOKEN', { error: 'invalid_grant' }],
    },
    about: {
      sources: [
        'https://developers.hubspot.com/docs/api-reference/auth-oauth-v1/tokens/post-oauth-v1-token',
        'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/working-with-oauth',
      ],
      readOn: '2026-11-28',
      unsure: [
        'The documentation names no error of a dead refresh token; sources agree on BAD_REFRESH_TOKEN and differ in the sentence.',
      ],
    },
  }
}
