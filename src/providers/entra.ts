import type { Provider } from '../oauth/provider.js'

/** @public */
export interface EntraOptions {
  /** A tenant's id or domain, `common`, `organizations` or `consumers`. @default 'common' */
  tenant?: string | undefined
}

/**
 * Microsoft Entra ID, version 2.0. Ask for the scope `offline_access`.
 *
 * @public
 */
export function entra({ tenant = 'common' }: EntraOptions = {}): Provider {
  return {
    name: 'Microsoft Entra ID',
    issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
    clientAuth: 'client_secret_post',
    errors: {
      // One resource wants the user: consent, MFA, a device, a policy.
      stepUp: [
        { suberror: ['consent_required', 'basic_action', 'additional_action', 'message_only'] },
        { 'error_codes.0': [65001, 50076, 50079, 50158, 53000, 53003] },
        'interaction_required',
      ],
    },
    about: {
      sources: [
        'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow',
        'https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens',
        'https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes',
      ],
      readOn: '2026-11-28',
      unsure: [
        'On that day, the endpoints were compared with a public list, and the responses with the samples. The pages themselves were not opened.',
        'Each refresh gives another refresh token. The old one stays valid; it is not documented for how long.',
      ],
    },
  }
}
