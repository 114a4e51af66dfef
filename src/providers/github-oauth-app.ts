import type { Provider } from '../oauth/provider.js'

/** @public */
export interface GithubOAuthAppOptions {
  /** Of GitHub Enterprise Server. @default 'github.com' */
  host?: string | undefined
}

/**
 * GitHub OAuth app: its tokens do not expire, and there is nothing to refresh.
 *
 * @public
 */
export function githubOAuthApp({ host = 'github.com' }: GithubOAuthAppOptions = {}): Provider {
  return {
    name: 'GitHub OAuth app',
    endpoints: {
      authorization: `https://${host}/login/oauth/authorize`,
      token: `https://${host}/login/oauth/access_token`,
      deviceAuthorization: `https://${host}/login/device/code`,
    },
    clientAuth: 'client_secret_post',
    refreshTokens: 'none',
    about: {
      sources: [
        'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'A request separates scopes by spaces, a response by commas: the scope of the tokens is kept as it came.',
      ],
    },
  }
}
