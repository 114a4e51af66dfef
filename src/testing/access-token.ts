import { base64url } from './id-token.js'
import { randomText, serverNow, type Ledger, type Session } from './ledger.js'
import type { Settings } from './settings.js'

/** What is asked of one access token. */
export interface AccessTokenRequest {
  readonly issuer: string
  readonly scope: string | undefined
  readonly lifetimeMs: number
  /** RFC 8707 `resource` and its older cousin `audience`. */
  readonly audience: readonly string[]
}

/** Makes an access token in the settings' format and writes it down. */
export function mintAccessToken(
  ledger: Ledger,
  settings: Settings,
  session: Session,
  request: AccessTokenRequest,
): string {
  const issuedAt = serverNow(settings)
  const expiresAt = issuedAt + request.lifetimeMs
  const jti = randomText()
  const isJwt = settings.accessTokenFormat === 'jwt'
  const token = isJwt
    ? jwt({
        iss: request.issuer,
        sub: session.sub,
        aud: request.audience.length > 0 ? request.audience : request.issuer,
        ...(settings.client && { client_id: settings.client.id }),
        ...(request.scope !== undefined && { scope: request.scope }),
        iat: wholeSeconds(issuedAt),
        exp: wholeSeconds(expiresAt),
        jti,
      })
    : `at_${jti}`
  const { scope } = request
  ledger.accessTokens.set(token, { session, scope, issuedAt, expiresAt, jti, isDenied: false })
  return token
}

export function wholeSeconds(instant: number): number {
  return Math.floor(instant / 1000)
}

/** The shape of RFC 9068; the signature is for show: nothing here or in a client verifies it. */
function jwt(claims: object): string {
  const encoded = (text: string) => base64url(new TextEncoder().encode(text))
  const header = encoded(JSON.stringify({ alg: 'HS256', typ: 'at+jwt' }))
  return `${header}.${encoded(JSON.stringify(claims))}.${encoded('not a signature')}`
}
