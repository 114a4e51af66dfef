import type { Provider } from '../oauth/provider.js'

const DAY_MS = 86_400_000

/**
 * Box.
 *
 * @public
 */
export function box(): Provider {
  return {
    name: 'Box',
    endpoints: {
      authorization: 'https://account.box.com/api/oauth2/authorize',
      token: 'https://api.box.com/oauth2/token',
      revocation: 'https://api.box.com/oauth2/revoke',
    },
    clientAuth: 'client_secret_post',
    refreshTokens: 'rotated',
    assumedRefreshTokenLifetimeMs: 60 * DAY_MS,
    about: {
      sources: ['https://developer.box.com/guides/authentication/tokens/refresh/'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'It is not documented whether PKCE is supported.',
      ],
    },
  }
}
