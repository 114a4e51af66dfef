import type { Provider } from '../oauth/provider.js'

/** @public */
export interface GitlabOptions {
  /** Of a GitLab of your own. @default 'https://gitlab.com' */
  url?: string | undefined
}

/**
 * GitLab: tokens for 2 hours, refresh tokens rotated.
 *
 * @public
 */
export function gitlab({ url = 'https://gitlab.com' }: GitlabOptions = {}): Provider {
  return {
    name: 'GitLab',
    endpoints: {
      authorization: `${url}/oauth/authorize`,
      token: `${url}/oauth/token`,
      deviceAuthorization: `${url}/oauth/authorize_device`,
      revocation: `${url}/oauth/revoke`,
    },
    clientAuth: 'client_secret_post',
    refreshTokens: 'rotated',
    about: {
      sources: ['https://docs.gitlab.com/api/oauth2/'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
      ],
    },
  }
}
