import type { Provider } from '../oauth/provider.js'

/**
 * Strava.
 *
 * @public
 */
export function strava(): Provider {
  return {
    name: 'Strava',
    endpoints: {
      authorization: 'https://www.strava.com/oauth/authorize',
      token: 'https://www.strava.com/api/v3/oauth/token',
    },
    clientAuth: 'client_secret_post',
    pkce: false,
    scopeSeparator: ',',
    extra: ['athlete.id'],
    errors: {
      code: ['errors.0.resource', 'error'],
      description: 'message',
      endsSession: [{ 'errors.0.resource': 'RefreshToken' }],
    },
    about: {
      sources: ['https://developers.strava.com/docs/authentication/'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'A refresh may give the same refresh token or another: the latest one is kept.',
        'One public test has field "code" in the error of a dead refresh token, all others "refresh_token".',
      ],
    },
  }
}
