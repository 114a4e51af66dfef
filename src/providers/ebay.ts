import type { Provider } from '../oauth/provider.js'

/** @public */
export interface EbayOptions {
  /** The RuName, which eBay wants in place of the redirect URI. */
  ruName: string
  /** @default false */
  sandbox?: boolean | undefined
}

/**
 * eBay. `redirectUri` is the URL that the RuName stands for.
 *
 * @public
 */
export function ebay({ ruName, sandbox = false }: EbayOptions): Provider {
  const host = sandbox ? 'sandbox.ebay.com' : 'ebay.com'
  const redirect = { parameters: { redirect_uri: ruName } }
  return {
    name: 'eBay',
    endpoints: {
      authorization: `https://auth.${host}/oauth2/authorize`,
      token: `https://api.${host}/identity/v1/oauth2/token`,
    },
    clientAuth: 'client_secret_basic',
    pkce: false,
    authorizationRequest: redirect,
    codeRequest: redirect,
    refreshTokens: 'reused',
    about: {
      sources: [
        'https://developer.ebay.com/api-docs/static/oauth-refresh-token-request.html',
        'https://developer.ebay.com/api-docs/static/oauth-auth-code-grant-request.html',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
      ],
    },
  }
}
