import type { Provider } from '../oauth/provider.js'

/** @public */
export interface NotionOptions {
  /** The header `Notion-Version`. @default '2022-06-28' */
  version?: string | undefined
}

/**
 * Notion, a public connection. Responses do not say how long a token lives: a 401 renews it.
 *
 * @public
 */
export function notion({ version = '2022-06-28' }: NotionOptions = {}): Provider {
  const request = { body: 'json', headers: { 'notion-version': version } } as const
  return {
    name: 'Notion',
    endpoints: {
      authorization: 'https://api.notion.com/v1/oauth/authorize',
      token: 'https://api.notion.com/v1/oauth/token',
      revocation: 'https://api.notion.com/v1/oauth/revoke',
    },
    clientAuth: 'client_secret_basic',
    pkce: false,
    authorizationRequest: { parameters: { owner: 'user' } },
    tokenRequest: request,
    revocationRequest: request,
    refreshTokens: 'rotated',
    extra: ['workspace_id', 'bot_id'],
    about: {
      sources: [
        'https://developers.notion.com/reference/refresh-a-token',
        'https://developers.notion.com/reference/create-a-token',
      ],
      readOn: '2026-11-28',
      unsure: ['The lifetime of an access token is not documented.'],
    },
  }
}
