import type { Provider } from '../oauth/provider.js'
import { partOfHost } from '../oauth/provider/part-of-host.js'

/** @public */
export interface ZohoOptions {
  /**
   * The data center: `com`, `eu`, `in`, `com.au`, `jp`, `com.cn`, `sa`, `uk`, `ca`. Of another one,
   * give the `endpoints`: `{ ...zoho(), endpoints }`.
   *
   * @default 'com'
   */
  dataCenter?: string | undefined
}

const DATA_CENTER = /com|eu|in|com\.au|jp|com\.cn|sa|uk|ca/

/**
 * Zoho. The API's host is `tokens.extra.api_domain`. The refresh token comes with the first
 * consent only: ask for it again with `authorizationRequest({ prompt: 'consent' })`.
 *
 * @public
 */
export function zoho({ dataCenter = 'com' }: ZohoOptions = {}): Provider {
  const center = partOfHost('zoho', 'dataCenter', dataCenter, DATA_CENTER)
  const host = center === 'ca' ? 'accounts.zohocloud.ca' : `accounts.zoho.${center}`
  return {
    name: 'Zoho',
    endpoints: {
      authorization: `https://${host}/oauth/v2/auth`,
      token: `https://${host}/oauth/v2/token`,
      revocation: `https://${host}/oauth/v2/token/revoke`,
    },
    clientAuth: 'client_secret_post',
    scopeSeparator: ',',
    authorizationRequest: { parameters: { access_type: 'offline' } },
    // Older responses have milliseconds in `expires_in` and say the seconds beside it.
    tokenResponse: { names: { expires_in: ['expires_in_sec', 'expires_in'] } },
    extra: ['api_domain'],
    refreshTokens: 'reused',
    errors: {
      endsSession: ['invalid_code', 'invalid_token'],
      passing: ['Access Denied'],
    },
    about: {
      sources: [
        'https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html',
        'https://www.zoho.com/crm/developer/docs/api/v8/refresh.html',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'Two users report that too many refreshes get 400 with "Access Denied". This is not documented.',
        'It is not documented whether PKCE is supported.',
      ],
    },
  }
}
