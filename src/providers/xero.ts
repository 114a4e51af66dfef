import type { Provider } from '../oauth/provider.js'

const DAY_MS = 86_400_000

/**
 * Xero. Ask for the scope `offline_access`.
 *
 * @public
 */
export function xero(): Provider {
  return {
    name: 'Xero',
    endpoints: {
      authorization: 'https://login.xero.com/identity/connect/authorize',
      token: 'https://identity.xero.com/connect/token',
      revocation: 'https://identity.xero.com/connect/revocation',
    },
    metadata: { issuer: 'https://identity.xero.com' },
    refreshTokens: 'rotated',
    assumedRefreshTokenLifetimeMs: 60 * DAY_MS,
    about: {
      sources: ['https://developer.xero.com/documentation/guides/oauth2/auth-flow/'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'A spent refresh token is accepted again for 30 minutes where the response was lost.',
      ],
    },
  }
}
