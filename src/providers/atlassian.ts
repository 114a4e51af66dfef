import type { Provider } from '../oauth/provider.js'

/**
 * Atlassian (Jira, Confluence), OAuth 2.0 (3LO). Ask for the scope `offline_access`.
 *
 * @public
 */
export function atlassian(): Provider {
  return {
    name: 'Atlassian',
    endpoints: {
      authorization: 'https://auth.atlassian.com/authorize',
      token: 'https://auth.atlassian.com/oauth/token',
    },
    clientAuth: 'client_secret_post',
    authorizationRequest: { parameters: { audience: 'api.atlassian.com', prompt: 'consent' } },
    tokenRequest: { body: 'json' },
    refreshTokens: 'rotated',
    about: {
      sources: [
        'https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens',
        'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
      ],
      readOn: '2026-11-28',
      unsure: ['A refresh token ends after 90 days without use, and after a year in any case.'],
    },
  }
}
