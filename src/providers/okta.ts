import type { Provider } from '../oauth/provider.js'

/** @public */
export interface OktaOptions {
  /** `your-org.okta.com`, or your own. */
  domain: string
  /** The id of a custom authorization server; `null`: that of the org. @default 'default' */
  authorizationServer?: string | null | undefined
}

/**
 * Okta. Ask for the scope `offline_access`.
 *
 * @public
 */
export function okta({ domain, authorizationServer = 'default' }: OktaOptions): Provider {
  const path = authorizationServer === null ? '' : `/oauth2/${authorizationServer}`
  return {
    name: 'Okta',
    issuer: `https://${domain}${path}`,
    about: {
      sources: [
        'https://developer.okta.com/docs/guides/refresh-tokens/main/',
        'https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/CustomAS/',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'Whether refresh tokens rotate, and with which grace period, is a setting of the app.',
      ],
    },
  }
}
