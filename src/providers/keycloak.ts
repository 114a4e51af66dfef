import type { Provider } from '../oauth/provider.js'

/** @public */
export interface KeycloakOptions {
  /** Where Keycloak is, such as `https://sso.example.com`. */
  url: string
  realm: string
}

/**
 * Keycloak, 17 and later.
 *
 * @public
 */
export function keycloak({ url, realm }: KeycloakOptions): Provider {
  return {
    name: 'Keycloak',
    issuer: `${url.replace(/\/$/, '')}/realms/${realm}`,
    about: {
      sources: ['https://www.keycloak.org/securing-apps/oidc-layers'],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'Whether refresh tokens rotate is a setting of the realm.',
        'A node of a cluster may say invalid_grant once for a good token: a usable access token is kept until it is said again.',
      ],
    },
  }
}
