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
        'Only this was compared on that day: the endpoints with a public list, the responses with the samples; the pages were not opened.',
        'A dead refresh token: three public tests have invalid_request with the sentence, one has invalid_grant with the same sentence.',
        'The same sentence may stand for a refresh token that another process has just spent.',
      ],
    },
  }
}
