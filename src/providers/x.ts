import type { Provider } from '../oauth/provider.js'

/**
 * X (Twitter), OAuth 2.0 user context. Ask for the scope `offline.access`.
 *
 * @public
 */
export function x(): Provider {
  return {
    name: 'X',
    endpoints: {
      authorization: 'https://x.com/i/oauth2/authorize',
      token: 'https://api.x.com/2/oauth2/token',
      revocation: 'https://api.x.com/2/oauth2/revoke',
    },
    refreshTokens: 'rotated',
    errors: {
      endsSession: [{ error: 'invalid_request', error_description: /token was invalid/i }],
    },
    about: {
      sources: ['https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'A dead refresh token: three public tests have invalid_request with the sentence, one has invalid_grant with the same sentence.',
        'The same sentence may also mean that another process has just used the refresh token.',
      ],
    },
  }
}
