import type { Provider } from '../oauth/provider.js'

/**
 * LinkedIn. Refresh tokens are for approved partners.
 *
 * @public
 */
export function linkedin(): Provider {
  return {
    name: 'LinkedIn',
    endpoints: {
      authorization: 'https://www.linkedin.com/oauth/v2/authorization',
      token: 'https://www.linkedin.com/oauth/v2/accessToken',
      revocation: 'https://www.linkedin.com/oauth/v2/revoke',
    },
    clientAuth: 'client_secret_post',
    pkce: false,
    refreshTokens: 'reused',
    about: {
      sources: [
        'https://learn.microsoft.com/en-us/linkedin/shared/authentication/programmatic-refresh-tokens',
        'https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'A dead refresh token: invalid_grant in two articles, with status 400 in one and 401 in the other; LinkedIn itself says neither.',
        'The lifetime of the refresh token counts from the login: a refresh does not extend it.',
      ],
    },
  }
}
