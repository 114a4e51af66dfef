import type { Provider } from '../oauth/provider.js'

/** @public */
export interface SalesforceOptions {
  /** `test.salesforce.com` for sandboxes, or the domain of your org. @default 'login.salesforce.com' */
  domain?: string | undefined
  /**
   * The session timeout that the org has set, in milliseconds: responses do not say it.
   *
   * @default 7_200_000
   */
  sessionTimeoutMs?: number | undefined
}

/**
 * Salesforce. The API's host is `tokens.extra.instance_url`, and may change with a refresh.
 *
 * @public
 */
export function salesforce(options: SalesforceOptions = {}): Provider {
  const { domain = 'login.salesforce.com', sessionTimeoutMs = 7_200_000 } = options
  return {
    name: 'Salesforce',
    endpoints: {
      authorization: `https://${domain}/services/oauth2/authorize`,
      token: `https://${domain}/services/oauth2/token`,
      revocation: `https://${domain}/services/oauth2/revoke`,
    },
    clientAuth: 'client_secret_post',
    extra: ['instance_url', 'id', 'sfdc_community_url'],
    assumedLifetimeMs: sessionTimeoutMs,
    refreshTokens: 'reused',
    errors: { endsSession: ['inactive_user', 'inactive_org'] },
    about: {
      sources: [
        'https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm',
        'https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'The session timeout counts from the last use, so that a token may live longer than is assumed.',
        'An external client app may rotate refresh tokens: a new one is kept.',
      ],
    },
  }
}
