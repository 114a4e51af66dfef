import type { Provider } from '../oauth/provider.js'

/** @public */
export interface MetaOptions {
  /** Of the Graph API. @default 'v25.0' */
  version?: string | undefined
}

/**
 * Meta (Facebook Login). There is no refresh token: the long-lived token of 60 days is exchanged
 * for another while it lives.
 *
 * @public
 */
export function meta({ version = 'v25.0' }: MetaOptions = {}): Provider {
  const parameters = { grant_type: 'fb_exchange_token' }
  return {
    name: 'Meta',
    endpoints: {
      authorization: `https://www.facebook.com/${version}/dialog/oauth`,
      token: `https://graph.facebook.com/${version}/oauth/access_token`,
    },
    clientAuth: 'client_secret_post',
    pkce: false,
    scopeSeparator: ',',
    tokenRequest: { method: 'GET' },
    exchangeRequest: { parameters, parameterNames: { subject_token: 'fb_exchange_token' } },
    refreshRequest: { parameters, parameterNames: { refresh_token: 'fb_exchange_token' } },
    refreshTokens: 'access-token',
    errors: {
      code: 'error.code',
      description: 'error.message',
      endsSession: [{ 'error.code': 190 }],
      passing: [{ 'error.is_transient': true }, { 'error.code': [2, 4, 17, 341] }],
    },
    about: {
      sources: [
        'https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived',
        'https://developers.facebook.com/docs/graph-api/guides/error-handling',
      ],
      readOn: '2026-11-28',
      unsure: [
        'A new long-lived token is issued at most once a day: an earlier exchange returns the same one.',
      ],
    },
  }
}
