/** `access_denied` is RFC 6749's (§4.1.2.1); the others are what providers say in its place. */
const DENIALS = new Set([
  'access_denied',
  'authorization_declined', // Entra's device flow
  'user_denied',
  'user_cancelled_login', // LinkedIn
  'user_cancelled_authorize', // LinkedIn
])

/** Whether the user, or the authorization server for them, said no. @internal */
export function isDenial(error: string | undefined): boolean {
  return error !== undefined && DENIALS.has(error)
}
