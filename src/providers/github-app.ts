import type { Provider } from '../oauth/provider.js'

/** @public */
export interface GithubAppOptions {
  /** Of GitHub Enterprise Server. @default 'github.com' */
  host?: string | undefined
}

/**
 * GitHub App, acting for a user: tokens for 8 hours, refresh tokens for 6 months, rotated.
 *
 * @public
 */
export function githubApp({ host = 'github.com' }: GithubAppOptions = {}): Provider {
  return {
    name: 'GitHub App',
    endpoints: {
      authorization: `https://${host}/login/oauth/authorize`,
      token: `https://${host}/login/oauth/access_token`,
      deviceAuthorization: `https://${host}/login/device/code`,
    },
    clientAuth: 'client_secret_post',
    refreshTokens: 'rotated',
    // With HTTP 200, as all its refusals are.
    errors: { endsSession: ['bad_refresh_token'] },
    about: {
      sources: [
        'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens',
        'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app',
      ],
      readOn: '2026-11-28',
      unsure: [
        'The documentation names no error of a dead refresh token; two public tests have bad_refresh_token with status 200, one has it with 401.',
      ],
    },
  }
}
