import type { Provider } from '../oauth/provider.js'

/** @public */
export interface Auth0Options {
  /** `tenant.eu.auth0.com`, or your own. */
  domain: string
}

/**
 * Auth0. Ask for the scope `offline_access`, and for an API by `audience`.
 *
 * @public
 */
export function auth0({ domain }: Auth0Options): Provider {
  return {
    name: 'Auth0',
    issuer: `https://${domain}/`,
    clientAuth: 'client_secret_post',
    errors: { stepUp: ['mfa_required'] },
    about: {
      sources: [
        'https://auth0.com/docs/secure/tokens/refresh-tokens/use-refresh-tokens',
        'https://auth0.com/docs/api/authentication/refresh-token/refresh-token',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'Whether refresh tokens rotate is a setting of the application.',
      ],
    },
  }
}
