import type { Provider } from '../oauth/provider.js'

/**
 * QuickBooks Online (Intuit). The company is `tokens.extra.realmId`: it comes with the login's
 * redirect, through the user's browser.
 *
 * @public
 */
export function quickbooks(): Provider {
  return {
    name: 'QuickBooks',
    endpoints: {
      authorization: 'https://appcenter.intuit.com/connect/oauth2',
      token: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
      revocation: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
    },
    clientAuth: 'client_secret_basic',
    pkce: false,
    revocationRequest: { body: 'json' },
    redirectExtra: ['realmId'],
    about: {
      sources: [
        'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0',
        'https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/set-redirect-uri',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'The refresh token changes about once a day, not at each refresh: the latest one is kept.',
      ],
    },
  }
}
