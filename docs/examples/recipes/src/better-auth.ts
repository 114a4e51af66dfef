import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { genericOAuth } from 'better-auth/plugins'
import { Hono } from 'hono'
import { decodeJwt } from 'jose'
import { Pool } from 'pg'
import {
  answer,
  answerTo,
  callApi,
  close,
  connect,
  endStepUp,
  escapeHtml,
  oauth,
  pool,
  redirect,
  SCOPE,
  setCookie,
  wantedOf,
} from './sessions.js'
import { settings } from './settings.js'

const { api, clientId, clientSecret, issuer, origin } = settings

const database = new Pool({ connectionString: process.env.DATABASE_URL })
database.on('error', (error) => console.error('postgres:', error.message)) // or it ends the process

const TEN_MINUTES = 600
const COOKIE = 'better-auth.session_token'

interface Profile {
  name?: string
  email?: string
  email_verified?: boolean
}

/** What an account would keep of a login: those are in the pool. */
const withoutTokens = async () => ({
  data: { accessToken: null, refreshToken: null, idToken: null },
})

const auth = betterAuth({
  baseURL: origin,
  basePath: '/auth',
  secret: process.env.AUTH_SECRET,
  database,
  databaseHooks: {
    account: { create: { before: withoutTokens }, update: { before: withoutTokens } },
  },
  plugins: [
    genericOAuth({
      config: [
        {
          providerId: 'provider',
          discoveryUrl: `${issuer}/.well-known/openid-configuration`,
          requireIdTokenVerification: true,
          clientId,
          clientSecret,
          authentication: 'basic',
          scopes: SCOPE.split(' '),
          prompt: 'consent', // without, many servers give no refresh token
          authorizationUrlParams: { resource: api },
          /** At a login, once the ID token is verified: here it is known whose tokens these are. */
          async getUserInfo({ idToken, raw }) {
            const { sub, name, email, email_verified } = decodeJwt<Profile>(idToken ?? '')
            if (!sub || !raw) return null
            await pool.get(sub).setTokens(raw)
            return {
              sub,
              name: name ?? sub,
              email: email ?? `${sub}@users.invalid`, // it wants one
              emailVerified: email_verified === true,
            }
          },
        },
      ],
    }),
  ],
})

/** All below `/auth`: better-auth itself, but for what leads to the provider and back. */
async function handleAuth(request: Request): Promise<Response> {
  const url = new URL(request.url)
  const { pathname } = url
  const route = `${request.method} ${pathname}`
  if (route === 'GET /auth/login') return logIn(request, url)
  if (route === 'POST /auth/logout') return logOut(request)
  if (route === 'GET /auth/logged-out') return answer(200, 'You are logged out.')
  if (route === 'GET /auth/failed') return answer(400, 'You are not logged in.')
  const response = await auth.handler(request)
  if (pathname === '/auth/callback/provider') endStepUp(request, response, COOKIE)
  return response
}

async function logIn({ headers }: Request, asked: URL): Promise<Response> {
  const path = asked.searchParams.get('returnTo') ?? '/'
  const url = URL.canParse(path, origin) ? new URL(path, origin) : undefined
  // `/..//elsewhere.example` becomes `//elsewhere.example`.
  const callbackURL = url?.origin === origin ? url.pathname.replace(/^\/+/, '/') + url.search : '/'
  const begun = await auth.api.signInSocial({
    body: { provider: 'provider', callbackURL, errorCallbackURL: '/auth/failed' },
    headers,
    returnHeaders: true,
  })
  const location = new URL(begun.response.url ?? '/auth/failed', origin)
  const wanted = Object.entries(wantedOf(asked))
  for (const [name, value] of wanted) location.searchParams.set(name, value)
  const response = withCookies(redirect(location.href), begun.headers)
  if (wanted.length > 0) setCookie(response, 'step-up', '1', TEN_MINUTES)
  return response
}

/** The cookie is `SameSite=Lax`, so no other site's form brings it. */
async function logOut({ headers }: Request): Promise<Response> {
  const subject = await subjectOf(headers)
  if (!subject) return answer(403, 'You are not logged in.')
  const postLogoutRedirectUri = `${origin}/auth/logged-out`
  const sessions = await auth.api.listSessions({ headers })
  const isLast = sessions.length === 1 // on other devices the user goes on with these tokens
  const url = isLast && (await oauth.logOut(pool.get(subject), { postLogoutRedirectUri }))
  const ended = await auth.api.signOut({ headers, returnHeaders: true })
  return withCookies(redirect(url || postLogoutRedirectUri), ended.headers)
}

/** Who the user is at the provider, which is what the pool calls their tokens. */
async function subjectOf(headers: Headers): Promise<string | undefined> {
  if (!(await auth.api.getSession({ headers }))) return undefined
  const [account] = await auth.api.listUserAccounts({ headers })
  return account?.accountId
}

function withCookies(response: Response, headers: Headers): Response {
  for (const cookie of headers.getSetCookie()) response.headers.append('Set-Cookie', cookie)
  return response
}

async function main(): Promise<void> {
  if (process.argv.includes('migrate')) {
    await (await getMigrations(auth.options)).runMigrations()
    return database.end()
  }
  await connect()
  const app = new Hono()

  app.all('/auth/*', (context) => handleAuth(context.req.raw))

  app.get('/', async (context) => {
    const me = await callApi(await subjectOf(context.req.raw.headers), '/me')
    return context.html(`<!doctype html><pre>${escapeHtml(await me.text())}</pre>
<form method="post" action="/auth/logout"><button>Log out</button></form>`)
  })

  app.onError((error, context) => {
    const known = answerTo(error, context.req.raw)
    if (!known) throw error
    return known
  })

  const server = serve({
    fetch: app.fetch,
    port: Number(process.env.PORT),
    hostname: '127.0.0.1',
  }) as Server
  process.once('SIGTERM', () => {
    server.keepAliveTimeout = 1 // a browser that is being answered now keeps no connection
    server.close(() => void close().then(() => database.end()))
  })
}

void main()
