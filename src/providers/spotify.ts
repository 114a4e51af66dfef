import type { Provider } from '../oauth/provider.js'

/**
 * Spotify.
 *
 * @public
 */
export function spotify(): Provider {
  return {
    name: 'Spotify',
    endpoints: {
      authorization: 'https://accounts.spotify.com/authorize',
      token: 'https://accounts.spotify.com/api/token',
    },
    about: {
      sources: ['https://developer.spotify.com/documentation/web-api/tutorials/refreshing-tokens'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'A refresh gives another refresh token to public clients, and usually none to clients with a secret.',
      ],
    },
  }
}
