const { env } = process

/** Where Acme is. The variables point the CLI elsewhere: at a staging system, at a test. */
export const ISSUER = env.ACME_ISSUER ?? 'https://auth.acme.example'
export const API = env.ACME_API ?? 'https://api.acme.example'

/** Of a public client: what is shipped with a CLI is no secret. */
export const CLIENT_ID = env.ACME_CLIENT_ID ?? 'acme-cli'

/** What the access token is for (RFC 8707), and what may be done with it. */
export const RESOURCE = env.ACME_RESOURCE ?? 'https://api.acme.example/'
export const SCOPE = env.ACME_SCOPE ?? 'openid offline_access read:me'

/** An access token from elsewhere, such as a CI system's secret. */
export const GIVEN_TOKEN = env.ACME_TOKEN
