import type { Provider } from '../oauth/provider.js'

/**
 * Google. The refresh token comes with the first consent only: ask for it again with
 * `authorizationRequest({ prompt: 'consent' })`.
 *
 * @public
 */
export function google(): Provider {
  return {
    name: 'Google',
    issuer: 'https://accounts.google.com',
    clientAuth: 'client_secret_post',
    authorizationRequest: { parameters: { access_type: 'offline' } },
    refreshTokens: 'reused',
    about: {
      sources: [
        'https://developers.google.com/identity/protocols/oauth2/web-server',
        'https://developers.google.com/identity/protocols/oauth2#expiration',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'Workspace session control says invalid_grant with error_subtype invalid_rapt: it is read as an end, since the user has to log in.',
      ],
    },
  }
}
