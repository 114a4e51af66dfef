import { createHash, randomBytes } from 'node:crypto'
import express, { type NextFunction, type Request, type Response } from 'express'
import * as client from 'openid-client'
import { createClient } from 'redis'
import { isTokenError, tokenErrorOf } from 'tokenward'
import { createFetch } from 'tokenward/fetch'
import { oauthClient, stepUpParameters } from 'tokenward/oauth'
import { TokenManagerPool } from 'tokenward/pool'
import { redisStore } from 'tokenward/redis'

export interface Settings {
  origin: string
  host: string
  port: number
  issuer: string
  clientId: string
  clientSecret: string
  api: string
  redisUrl: string
}

/** A login that was begun: in Redis for ten minutes, since another instance may get the callback. */
interface BegunLogin {
  state: string
  nonce: string
  verifier: string
  returnTo: string
}

/** `offline_access` with `prompt=consent`: without, many servers give no refresh token. */
const SCOPE = 'openid offline_access read'

export async function main(settings: Settings) {
  const { origin, issuer, clientId, clientSecret, api } = settings
  const isSecure = origin.startsWith('https:')

  const redis = createClient({ url: settings.redisUrl, disableOfflineQueue: true })
  redis.on('error', (error: Error) => console.error('redis:', error.message)) // or it ends the process
  await redis.connect()

  // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is so marked to stand out
  const allowed = isSecure ? {} : { execute: [client.allowInsecureRequests] } // on this machine only
  const openid = await client.discovery(
    new URL(issuer),
    clientId,
    undefined,
    client.ClientSecretBasic(clientSecret),
    allowed,
  )
  const oauth = oauthClient({ issuer, clientId, clientSecret })
  const pool = new TokenManagerPool({
    options: (id) => ({
      refresh: oauth.refreshToken(),
      revoke: oauth.revoke(),
      store: redisStore({ client: redis, key: `session:${id}` }),
    }),
  })
  const apiFetch = createFetch(undefined, { origins: [new URL(api).origin] })

  const cookie = { httpOnly: true, secure: isSecure, sameSite: 'lax', path: '/' } as const

  async function beginLogin(response: Response, returnTo: string, extra = {}): Promise<void> {
    const id = randomText()
    const [state, nonce, verifier] = [randomText(), randomText(), client.randomPKCECodeVerifier()]
    const begun: BegunLogin = { state, nonce, verifier, returnTo: ownPath(returnTo) }
    await redis.set(`login:${hashOf(id)}`, JSON.stringify(begun), { EX: 600 })
    const url = client.buildAuthorizationUrl(openid, {
      redirect_uri: `${origin}/callback`,
      scope: SCOPE,
      prompt: 'consent',
      resource: api,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...extra,
    })
    response.cookie('login', id, { ...cookie, maxAge: 600_000 }).redirect(303, url.href)
  }

  /** A path of this app: `//elsewhere.example` is none. */
  function ownPath(path: string): string {
    const url = URL.canParse(path, origin) ? new URL(path, origin) : undefined
    return url?.origin === origin ? url.pathname + url.search : '/'
  }

  const app = express()
  app.disable('x-powered-by')
  app.use(express.urlencoded({ extended: false, limit: '10kb' }))

  app.get('/', async (request, response) => {
    const session = cookieOf(request, 'session')
    if (!session) return void response.send('<a href="/login">Log in</a>')
    const me = await apiFetch(api, { tokens: pool.get(hashOf(session)) })
    if (!me.ok) throw new Error(`the API: HTTP ${me.status}`, { cause: tokenErrorOf(me) })
    response.send(`<pre>${escapeHtml(await me.text())}</pre>
      <form method="post" action="/logout">
        <input type="hidden" name="csrf" value="${hashOf(`csrf ${session}`)}">
        <button>Log out</button>
      </form>`)
  })

  app.get('/login', (_request, response) => beginLogin(response, '/'))

  app.get('/callback', async (request, response) => {
    const id = cookieOf(request, 'login')
    const found = id && (await redis.getDel(`login:${hashOf(id)}`)) // one answer is taken
    response.clearCookie('login', cookie)
    if (!found) return sorry(response, 400, 'This login was begun elsewhere, or too long ago.')
    const { state, nonce, verifier, returnTo } = JSON.parse(found) as BegunLogin
    let tokens
    try {
      tokens = await client.authorizationCodeGrant(openid, new URL(request.originalUrl, origin), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
      })
    } catch (error) {
      if (!isRefusal(error)) throw error
      return sorry(response, 400, 'You are not logged in: the login was cancelled or refused.')
    }
    const former = cookieOf(request, 'session')
    // Not revoked: to the server, the new tokens may belong to the same grant.
    if (former) await pool.signOut(hashOf(former), { revoke: false })
    const session = randomText() // never one that the browser brought
    await pool.get(hashOf(session)).setTokens(tokens)
    response.cookie('session', session, cookie).redirect(303, returnTo)
  })

  app.post('/logout', async (request, response) => {
    const session = cookieOf(request, 'session')
    const { csrf } = request.body as { csrf?: unknown }
    if (!session || csrf !== hashOf(`csrf ${session}`)) {
      return sorry(response, 403, 'This form is not of your session.')
    }
    const postLogoutRedirectUri = `${origin}/signed-out`
    const url = await oauth.logOut(pool.get(hashOf(session)), { postLogoutRedirectUri })
    response.clearCookie('session', cookie).redirect(303, url ?? postLogoutRedirectUri)
  })

  app.get('/signed-out', (_request, response) => sorry(response, 200, 'You are logged out.'))

  app.use(async (error: Error, request: Request, response: Response, next: NextFunction) => {
    const reason = tokenErrorOf(error)
    if (response.headersSent || !reason) return next(error)
    const isStepUp = isTokenError(reason, 'ERR_STEP_UP_REQUIRED')
    if (isStepUp && cookieOf(request, 'stepped-up')) {
      return sorry(response, 403, 'Your login is not strong enough for this.') // and not round for ever
    }
    if (isStepUp || isTokenError(reason, 'ERR_LOGIN_REQUIRED')) {
      if (request.method !== 'GET') return sorry(response, 401, 'Please log in.')
      if (isStepUp) response.cookie('stepped-up', '1', { ...cookie, maxAge: 120_000 })
      const extra = isStepUp ? stepUpParameters(reason, SCOPE) : {}
      return beginLogin(response, request.originalUrl, extra).catch(next)
    }
    if (reason.isTransient) response.set('Retry-After', '5')
    sorry(response, reason.isTransient ? 503 : 502, 'Please try again soon.')
  })

  const server = app.listen(settings.port, settings.host)
  const stop = () => {
    server.close(() => void pool.close().finally(() => redis.destroy()))
    server.closeIdleConnections()
  }
  process.once('SIGTERM', stop)
  return { server, stop }
}

function randomText(): string {
  return randomBytes(32).toString('base64url')
}

/** Whoever reads Redis, a log or an event finds no cookie there; and whatever comes is a good name. */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function cookieOf({ headers }: Request, name: string): string | undefined {
  return new RegExp(`(?:^|; )${name}=([\\w-]+)`).exec(headers.cookie ?? '')?.[1]
}

/** The user said no, the code was refused, or the answer is another login's. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof client.AuthorizationResponseError ||
    (error instanceof client.ResponseBodyError && error.status < 500) ||
    (error instanceof client.ClientError && error.code === 'OAUTH_INVALID_RESPONSE')
  )
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

function sorry(response: Response, status: number, text: string): void {
  response.status(status).send(`<p>${escapeHtml(text)}</p><a href="/">Home</a>`)
}
