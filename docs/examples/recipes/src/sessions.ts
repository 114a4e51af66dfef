import { createHash, randomBytes } from 'node:crypto'
import { createClient } from 'redis'
import { isTokenError, LoginRequiredError, tokenErrorOf } from 'tokenward'
import { createFetch } from 'tokenward/fetch'
import { oauthClient, stepUpParameters } from 'tokenward/oauth'
import { TokenManagerPool } from 'tokenward/pool'
import { redisStore } from 'tokenward/redis'
import { kept } from './kept.js'
import { settings } from './settings.js'

const { api, issuer, clientId, clientSecret, origin } = settings

/** `offline_access`, with `prompt=consent` at the login: without, many servers give no refresh token. */
export const SCOPE = 'openid offline_access read'

export const redis = kept('redis', () => {
  const client = createClient({ url: settings.redisUrl, disableOfflineQueue: true })
  client.on('error', (error: Error) => console.error('redis:', error.message)) // or it ends the process
  return client
})

export const oauth = oauthClient({ issuer, clientId, clientSecret })

/** One manager a session, in memory as long as it is used; Redis is what all processes share. */
export const pool = kept('pool', () => {
  const sessions = new TokenManagerPool({
    options: (id) => ({
      refresh: oauth.refreshToken(),
      revoke: oauth.revoke(),
      store: redisStore({ client: redis, key: `session:${id}` }),
    }),
  })
  sessions.on('tokensSet', ({ hasRefreshToken }) => {
    if (!hasRefreshToken)
      console.warn('The login brought no refresh token: it ends within the hour.')
  })
  return sessions
})

/** Before the server listens: nothing is awaited while this module is loaded. */
export async function connect(): Promise<void> {
  if (!redis.isOpen) await redis.connect()
}

/** After the server has closed: a refresh in flight is saved first. */
export async function close(): Promise<void> {
  await pool.close()
  if (redis.isOpen) redis.destroy()
}

const apiFetch = createFetch(undefined, { origins: [new URL(api).origin] })

/**
 * @param id - the session's, if the request has one
 * @param path - begins with a slash: so it stays at the API, whatever is in it
 */
export async function callApi(id: string | undefined, path: `/${string}`): Promise<Response> {
  if (id === undefined) throw new LoginRequiredError('No session', { reason: 'no-session' })
  const response = await apiFetch(api + path, { tokens: pool.get(id), cache: 'no-store' })
  if (response.ok) return response
  throw new Error(`The API: HTTP ${response.status}`, { cause: tokenErrorOf(response) })
}

/** The cookie is a random text, and the session's id its hash: whoever reads Redis or a log is nobody. */
export function sessionIdOf(cookies: string | null | undefined): string | undefined {
  const cookie = cookieOf(cookies, 'session')
  return cookie && hashOf(cookie)
}

/** Stands in the forms of a session: other sites can make a browser post, but do not know it. */
export function csrfTokenOf(cookies: string | null | undefined): string {
  return hashOf(`csrf ${cookieOf(cookies, 'session') ?? randomText()}`)
}

/** What to answer instead of a page, or `undefined` where the error is none of a session's. */
export function answerTo(error: unknown, request: Request): Response | undefined {
  throwAwayBody(request)
  const { method, url, headers } = request
  const reason = tokenErrorOf(error)
  const isStepUp = isTokenError(reason, 'ERR_STEP_UP_REQUIRED')
  if (isStepUp && cookieOf(headers.get('cookie'), 'stepped-up')) {
    return answer(403, 'Your login is not strong enough for this.') // and not round forever
  }
  if (isStepUp || isTokenError(reason, 'ERR_LOGIN_REQUIRED')) {
    if (method !== 'GET') return answer(401, 'Please log in.')
    const { pathname, search } = new URL(url)
    const wanted = isStepUp ? stepUpParameters(reason, SCOPE) : {}
    const login = new URLSearchParams({ ...wanted, returnTo: pathname + search })
    return redirect(`/auth/login?${login}`)
  }
  if (reason?.isTransient || !redis.isReady) {
    return answer(503, 'Please try again soon.', { 'Retry-After': '5' })
  }
  return reason && answer(502, 'Please try again.')
}

/** What a step-up demands of the login, of the address that `answerTo` leads to. */
export function wantedOf({ searchParams }: URL): Record<string, string> {
  const names = ['acr_values', 'max_age', 'claims', 'scope']
  return Object.fromEntries([...searchParams].filter(([name]) => names.includes(name)))
}

/** At the end of a login that a library makes: only one that logged in was a step-up. */
export function endStepUp({ headers }: Request, response: Response, sessionCookie: string): void {
  const isLoggedIn = response.headers
    .getSetCookie()
    .some((line) => line.includes(`${sessionCookie}=`))
  if (!isLoggedIn || !cookieOf(headers.get('cookie'), 'step-up')) return
  setCookie(response, 'step-up', '', 0)
  setCookie(response, 'stepped-up', '1', 60)
}

/** Of a body that nobody has read: else the browser's next request waits behind it. */
export function throwAwayBody({ bodyUsed, body }: Request): void {
  if (!bodyUsed) body?.pipeTo(new WritableStream()).catch(() => undefined)
}

/** A page of one sentence. */
export function answer(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  const body = `<!doctype html><p>${escapeHtml(text)}</p><a href="/">Home</a>`
  const type = { 'Content-Type': 'text/html; charset=utf-8' }
  return new Response(body, { status, headers: { ...type, ...headers } })
}

/** 303: the next request is a GET, whatever this one was. */
export function redirect(location: string): Response {
  return new Response(null, { status: 303, headers: { location } })
}

export function setCookie(response: Response, name: string, value: string, seconds?: number): void {
  const lifetime = seconds === undefined ? '' : `; Max-Age=${seconds}`
  const secure = origin.startsWith('https:') ? '; Secure' : ''
  const line = `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${lifetime}${secure}`
  response.headers.append('Set-Cookie', line)
}

export function cookieOf(cookies: string | null | undefined, name: string): string | undefined {
  return new RegExp(`(?:^|; )${name}=([\\w-]+)`).exec(cookies ?? '')?.[1]
}

export function randomText(): string {
  return randomBytes(32).toString('base64url')
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
