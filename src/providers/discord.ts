import type { Provider } from '../oauth/provider.js'

/**
 * Discord.
 *
 * @public
 */
export function discord(): Provider {
  return {
    name: 'Discord',
    endpoints: {
      authorization: 'https://discord.com/oauth2/authorize',
      token: 'https://discord.com/api/oauth2/token',
      revocation: 'https://discord.com/api/oauth2/token/revoke',
    },
    refreshTokens: 'rotated',
    errors: {
      endsSession: [{ error: 'invalid_request', error_description: /invalid "?refresh_token/i }],
    },
    about: {
      sources: ['https://docs.discord.com/developers/topics/oauth2'],
      readOn: '2026-11-28',
      unsure: [
        'A dead refresh token: invalid_grant; one report of 2020 has invalid_request with a sentence.',
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
      ],
    },
  }
}
