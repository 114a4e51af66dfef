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
        'Only this was compared on that day: the endpoints with a public list, the responses with the samples; the pages were not opened.',
        'Whether refresh tokens rotate is a setting of the realm.',
        'A node of a cluster may say invalid_grant once for a good token: a usable access token is kept until it is said again.',
      ],
    },
  }
}
