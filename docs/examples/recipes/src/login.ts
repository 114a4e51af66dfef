import * as client from 'openid-client'
import { logOutAll, logOutByToken, remember, subjectOf } from './back-channel.js'
import {
  answer,
  answerTo,
  cookieOf,
  csrfTokenOf,
  hashOf,
  oauth,
  pool,
  randomText,
  redirect,
  redis,
  SCOPE,
  sessionIdOf,
  setCookie,
  throwAwayBody,
  wantedOf,
} from './sessions.js'
import { settings } from './settings.js'

const { api, clientId, clientSecret, origin } = settings

const TEN_MINUTES = 600
const MOST_OF_A_FORM = 20_000

/** In Redis for ten minutes, since another instance may get the callback. */
interface BegunLogin {
  nonce: string
  verifier: string
  returnTo: string
  isStepUp: boolean
}

const ROUTES: Record<string, (request: Request) => Promise<Response>> = {
  'GET /auth/login': beginLogin,
  'GET /auth/callback': endLogin,
  'POST /auth/logout': logOut,
  'GET /auth/logged-out': async () => answer(200, 'You are logged out.'),
  'POST /auth/back-channel-logout': async (request) => logOutByToken(await formOf(request)),
}

/** All that is below `/auth`, in any framework. */
export async function handleAuth(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  const route = ROUTES[`${request.method} ${pathname}`]
  try {
    return route ? await route(request) : answer(404, 'There is nothing here.')
  } catch (error) {
    const known = answerTo(error, request)
    if (known) return known
    console.error(`${pathname}:`, error instanceof Error ? error.message : error)
    return answer(502, 'Please try again.')
  } finally {
    throwAwayBody(request)
  }
}

async function beginLogin({ url, headers }: Request): Promise<Response> {
  const asked = new URL(url)
  const wanted = wantedOf(asked)
  const [state, nonce, verifier] = [randomText(), randomText(), client.randomPKCECodeVerifier()]
  const browser = cookieOf(headers.get('cookie'), 'login') ?? randomText() // several tabs may log in
  const returnTo = ownPath(asked.searchParams.get('returnTo') ?? '/')
  const isStepUp = Object.keys(wanted).length > 0
  const begun: BegunLogin = { nonce, verifier, returnTo, isStepUp }
  const location = client.buildAuthorizationUrl(await openid(), {
    redirect_uri: `${origin}/auth/callback`,
    scope: SCOPE,
    prompt: 'consent',
    resource: api,
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...wanted,
  })
  await redis.set(keyOf(browser, state), JSON.stringify(begun), { EX: TEN_MINUTES })
  const response = redirect(location.href)
  setCookie(response, 'login', browser, TEN_MINUTES)
  return response
}

async function endLogin({ url, headers }: Request): Promise<Response> {
  const { search, searchParams } = new URL(url)
  const cookies = headers.get('cookie')
  const browser = cookieOf(cookies, 'login')
  const state = searchParams.get('state') ?? ''
  const found = browser && (await redis.getDel(keyOf(browser, state))) // one response is taken
  if (!found) return answer(400, 'This login was begun elsewhere, or too long ago.')
  const { nonce, verifier, returnTo, isStepUp } = JSON.parse(found) as BegunLogin
  let tokens
  try {
    tokens = await client.authorizationCodeGrant(
      await openid(),
      new URL(`/auth/callback${search}`, origin),
      { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier },
    )
  } catch (error) {
    if (!isRefusal(error)) throw error
    return answer(400, 'You are not logged in: the login was cancelled or refused.')
  }
  const former = sessionIdOf(cookies)
  // Not revoked: to the server, the new tokens may belong to the same grant.
  if (former) await pool.signOut(former, { revoke: false })
  const session = randomText() // never one that the browser brought
  await pool.get(hashOf(session)).setTokens(tokens)
  await remember(hashOf(session), tokens.claims())
  const response = redirect(returnTo)
  setCookie(response, 'session', session)
  if (isStepUp) setCookie(response, 'stepped-up', '1', 60)
  return response
}

async function logOut(request: Request): Promise<Response> {
  const cookies = request.headers.get('cookie')
  const id = sessionIdOf(cookies)
  const form = await formOf(request)
  if (!id || form.get('csrf') !== csrfTokenOf(cookies)) {
    return answer(403, 'This form is not of your session.')
  }
  const postLogoutRedirectUri = `${origin}/auth/logged-out`
  const subject = form.has('everywhere') ? await subjectOf(id) : undefined
  const url = await oauth.logOut(pool.get(id), { postLogoutRedirectUri })
  if (subject) await logOutAll({ sub: subject })
  const response = redirect(url ?? postLogoutRedirectUri)
  setCookie(response, 'session', '', 0)
  return response
}

/** Discovered when it is first needed, and known from then on. */
async function openid(): Promise<client.Configuration> {
  const server = await oauth.discover()
  const auth = client.ClientSecretBasic(clientSecret)
  const configuration = new client.Configuration(
    server as client.ServerMetadata,
    clientId,
    undefined,
    auth,
  )
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is so marked to stand out
  if (origin.startsWith('http:')) client.allowInsecureRequests(configuration) // on this machine only
  return configuration
}

function keyOf(browser: string, state: string): string {
  return `login:${hashOf(`${browser} ${state}`)}`
}

/** A path of this app: `//elsewhere.example` is none, nor is what `/..//elsewhere.example` becomes. */
function ownPath(path: string): string {
  const url = URL.canParse(path, origin) ? new URL(path, origin) : undefined
  return url?.origin === origin ? url.pathname.replace(/^\/+/, '/') + url.search : '/'
}

/** A short form, or none: nobody keeps a gigabyte. */
async function formOf(request: Request): Promise<URLSearchParams> {
  const length = Number(request.headers.get('content-length') ?? NaN)
  if (length <= MOST_OF_A_FORM) return new URLSearchParams(await request.text())
  // Thrown away, or the browser's next request would wait behind it on the same connection.
  request.body?.pipeTo(new WritableStream()).catch(() => undefined)
  return new URLSearchParams()
}

/** The user said no, the code was refused, or the response is another login's. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof client.AuthorizationResponseError ||
    (error instanceof client.ResponseBodyError && error.status < 500) ||
    (error instanceof client.ClientError && error.code === 'OAUTH_INVALID_RESPONSE')
  )
}
