import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose'
import { answer, hashOf, oauth, pool, redis } from './sessions.js'
import { settings } from './settings.js'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const NO_KEYS = ['ERR_JWKS_TIMEOUT', 'ERR_JOSE_GENERIC']
const TWO_MINUTES = 120
/** As long as a session is kept that nobody uses: see `ttlMs` of `redisStore`. */
const THIRTY_DAYS = 30 * 24 * 60 * 60

let keys: ReturnType<typeof createRemoteJWKSet> | undefined

/** Which sessions a login at the provider (`sid`) and a user (`sub`) have here. */
export async function remember(id: string, claims?: { sub: string; sid?: unknown }): Promise<void> {
  for (const key of keysOf(claims ?? {})) {
    await redis.multi().sAdd(key, id).expire(key, THIRTY_DAYS).exec()
  }
}

/**
 * The provider says that a login, or a user, is logged out (OpenID Connect Back-Channel Logout 1.0).
 * Every instance knows it by its next look at Redis, 5 seconds later at most.
 */
export async function logOutByToken(form: URLSearchParams): Promise<Response> {
  const claims = await verify(form.get('logout_token') ?? '').catch((error: unknown) => {
    // Keys that cannot be had are no fault of the token.
    const isItsFault = error instanceof errors.JOSEError && !NO_KEYS.includes(error.code)
    if (isItsFault) return undefined
    throw error
  })
  if (!claims) return answer(400, 'This is no logout token for this app.')
  const mark = `logout:${hashOf(claims.jti)}`
  if (await redis.exists(mark)) return answer(400, 'This logout token was used before.')
  await logOutAll(claims)
  await redis.set(mark, '1', { EX: 2 * TWO_MINUTES }) // what failed half-way may be sent again
  return answer(200, 'Done.', { 'Cache-Control': 'no-store' })
}

/** Of one login where `sid` is given, else all that the user has, wherever they logged in. */
export async function logOutAll(claims: { sub?: unknown; sid?: unknown }): Promise<void> {
  const [key] = keysOf(claims)
  if (key === undefined) return
  await Promise.all((await redis.sMembers(key)).map((id) => pool.signOut(id)))
  await redis.del(key)
}

/** Whose session this is, by the ID token of its login. */
export async function subjectOf(id: string): Promise<string | undefined> {
  const { idToken } = (await pool.get(id).getTokens()) ?? {}
  return idToken === undefined ? undefined : decodeJwt(idToken).sub
}

/** The narrower one first. */
function keysOf({ sub, sid }: { sub?: unknown; sid?: unknown }): string[] {
  return Object.entries({ sid, sub }).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${name}:${hashOf(value)}`] : [],
  )
}

async function verify(token: string): Promise<{ jti: string; sub?: unknown; sid?: unknown }> {
  const { issuer, jwks_uri: uri } = await oauth.discover()
  keys ??= createRemoteJWKSet(new URL(String(uri)))
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience: settings.clientId,
    maxTokenAge: TWO_MINUTES,
    clockTolerance: 30,
    requiredClaims: ['jti', 'iat', 'exp', 'events'],
  })
  const { jti, sub, sid, nonce } = payload
  const events = payload.events as Record<string, unknown> | null
  const isOne = typeof events === 'object' && EVENT in (events ?? {}) && nonce === undefined
  if (!isOne || (sub === undefined && sid === undefined)) {
    throw new errors.JWTInvalid('No logout token') // an ID token is signed by the same keys
  }
  return { jti: String(jti), sub, sid }
}
