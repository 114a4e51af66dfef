import type { Provider } from '../oauth/provider.js'

/**
 * Twitch.
 *
 * @public
 */
export function twitch(): Provider {
  return {
    name: 'Twitch',
    endpoints: {
      authorization: 'https://id.twitch.tv/oauth2/authorize',
      token: 'https://id.twitch.tv/oauth2/token',
      deviceAuthorization: 'https://id.twitch.tv/oauth2/device',
      revocation: 'https://id.twitch.tv/oauth2/revoke',
    },
    clientAuth: 'client_secret_post',
    pkce: false,
    errors: {
      description: 'message',
      endsSession: [{ message: /^invalid (refresh token|grant)/i }],
    },
    about: {
      sources: ['https://dev.twitch.tv/docs/authentication/refresh-tokens/'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'The documentation has an `error` beside `status` and `message`, users of the API show the response without it.',
        'A refresh may give the same refresh token or another; that of a public client can be used once.',
      ],
    },
  }
}
