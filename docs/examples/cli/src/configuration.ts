const { env } = process

/** Where Acme is. The variables point the CLI elsewhere: at a staging system, at a test. */
export const ISSUER = env.ACME_ISSUER ?? 'https://auth.acme.example'
export const API = env.ACME_API ?? 'https://api.acme.example'

/** Of a public client: what is shipped with a CLI is no secret. */
export const CLIENT_ID = env.ACME_CLIENT_ID ?? 'acme-cli'

/** What the access token is for (RFC 8707), and what may be done with it. */
export const RESOURCE = env.ACME_RESOURCE ?? 'https://api.acme.example/'
export const SCOPE = env.ACME_SCOPE ?? 'openid offline_access read:me'

/** An access token from elsewhere, such as a CI system's secret; a file often ends with a newline. */
export const GIVEN_TOKEN = env.ACME_TOKEN?.trim()

/** The git server that takes the access token for a password. */
export const GIT = env.ACME_GIT ?? 'https://git.acme.example'

/** The role of AWS that Acme's users may take, and where they get it. */
export const STS = env.ACME_STS ?? 'https://sts.amazonaws.com'
export const AWS_ROLE = env.ACME_AWS_ROLE ?? 'arn:aws:iam::123456789012:role/acme'
