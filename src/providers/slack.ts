import type { Provider } from '../oauth/provider.js'

/** @public */
export interface SlackOptions {
  /** Whether the app has token rotation switched on; without it tokens do not expire. @default true */
  tokenRotation?: boolean | undefined
  /** Whose token is kept where a login gives two. @default 'bot' */
  token?: 'bot' | 'user' | undefined
}

/**
 * Slack. Scopes are the bot's, or with `token: 'user'` the user's.
 *
 * @public
 */
export function slack({ tokenRotation = true, token = 'bot' }: SlackOptions = {}): Provider {
  return {
    name: 'Slack',
    endpoints: {
      authorization: 'https://slack.com/oauth/v2/authorize',
      token: 'https://slack.com/api/oauth.v2.access',
    },
    clientAuth: 'client_secret_basic',
    pkce: false,
    scopeSeparator: ',',
    ...(token === 'user' && {
      authorizationRequest: { parameterNames: { scope: 'user_scope' } },
      tokenResponse: { within: 'authed_user' },
    }),
    refreshTokens: tokenRotation ? 'rotated' : 'none',
    extra: ['team.id', 'enterprise.id', 'bot_user_id', 'authed_user.id'],
    errors: {
      endsSession: ['invalid_refresh_token', 'token_revoked', 'token_expired', 'account_inactive'],
      passing: ['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable'],
    },
    about: {
      sources: [
        'https://docs.slack.dev/authentication/using-token-rotation',
        'https://docs.slack.dev/reference/methods/oauth.v2.access',
      ],
      readOn: '2026-11-28',
      unsure: [
        'PKCE must be enabled for an app, and cannot be disabled again. It is off in this preset.',
        'fatal_error may come after the refresh token was spent: the next response is then invalid_refresh_token.',
      ],
    },
  }
}
