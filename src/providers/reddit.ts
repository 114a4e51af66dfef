import type { Provider } from '../oauth/provider.js'

/** @public */
export interface RedditOptions {
  /** Reddit throttles clients without a `User-Agent` of their own. @default the platform's */
  userAgent?: string | undefined
}

/**
 * Reddit, with `duration=permanent`.
 *
 * @public
 */
export function reddit({ userAgent }: RedditOptions = {}): Provider {
  return {
    name: 'Reddit',
    endpoints: {
      authorization: 'https://www.reddit.com/api/v1/authorize',
      token: 'https://www.reddit.com/api/v1/access_token',
      revocation: 'https://www.reddit.com/api/v1/revoke_token',
    },
    clientAuth: 'client_secret_basic',
    pkce: false,
    authorizationRequest: { parameters: { duration: 'permanent' } },
    ...(userAgent !== undefined && { tokenRequest: { headers: { 'user-agent': userAgent } } }),
    refreshTokens: 'reused',
    // A number, which no other server has in this place.
    errors: { endsSession: [{ $status: 400, error: 400 }] },
    about: {
      sources: ['https://github.com/reddit-archive/reddit/wiki/OAuth2'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'An installed app has no secret, and Reddit requires Basic authentication with an empty password for it. This cannot be described here.',
      ],
    },
  }
}
