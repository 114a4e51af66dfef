import type { Provider } from '../oauth/provider.js'

const DAY_MS = 86_400_000

/**
 * Zoom.
 *
 * @public
 */
export function zoom(): Provider {
  return {
    name: 'Zoom',
    endpoints: {
      authorization: 'https://zoom.us/oauth/authorize',
      token: 'https://zoom.us/oauth/token',
      revocation: 'https://zoom.us/oauth/revoke',
    },
    clientAuth: 'client_secret_basic',
    refreshTokens: 'rotated',
    assumedRefreshTokenLifetimeMs: 90 * DAY_MS,
    errors: { description: ['reason', 'error_description'] },
    about: {
      sources: ['https://developers.zoom.us/docs/integrations/oauth/'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'A dead refresh token: 400 invalid_grant with and without a `reason`; before August 2022 the status was 401.',
      ],
    },
  }
}
