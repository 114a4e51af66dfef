import type { Provider } from '../oauth/provider.js'

/**
 * Shopify, expiring offline tokens. Say the shop at the login,
 * `authorizationRequest({ variables: { shop: 'a-shop.myshopify.com' } })`, and send the token in
 * the header `X-Shopify-Access-Token` (`attachTokens`' `header` and `format`).
 *
 * @public
 */
export function shopify(): Provider {
  return {
    name: 'Shopify',
    endpoints: {
      authorization: 'https://{shop}/admin/oauth/authorize',
      token: 'https://{shop}/admin/oauth/access_token',
    },
    variables: { shop: /^[a-z0-9][a-z0-9-]*\.myshopify\.com$/ },
    clientAuth: 'client_secret_post',
    pkce: false,
    scopeSeparator: ',',
    codeRequest: { parameters: { expiring: '1' } },
    refreshTokens: 'rotated',
    errors: {
      endsSession: [{ error: 'invalid_request', error_description: /active refresh_token/i }],
    },
    about: {
      sources: [
        'https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/offline-access-tokens',
        'https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens',
      ],
      readOn: '2026-11-28',
      unsure: [
        'The pages name no error of a dead refresh token: the test of the SDK has 400 invalid_grant, those of several apps 401 invalid_request with a sentence. Both are read.',
      ],
    },
  }
}
