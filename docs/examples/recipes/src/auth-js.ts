import type { Server } from 'node:http'
import { Auth, skipCSRFCheck, type AuthConfig } from '@auth/core'
import { getToken } from '@auth/core/jwt'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
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
  throwAwayBody,
  wantedOf,
} from './sessions.js'
import { settings } from './settings.js'

const { api, clientId, clientSecret, issuer, origin } = settings

const TEN_MINUTES = 600
const COOKIE = 'auth-session'
const secret = process.env.AUTH_SECRET ?? ''

/** @param former - the session that a new login in this browser ends */
function configOf(former: string | undefined): AuthConfig {
  return {
    providers: [
      {
        id: 'provider',
        name: 'our provider',
        type: 'oidc',
        issuer,
        clientId,
        clientSecret,
        checks: ['pkce', 'state', 'nonce'],
        // Without `prompt: 'consent'`, many servers give no refresh token.
        authorization: { params: { scope: SCOPE, prompt: 'consent', resource: api } },
        profile: ({ sub, name }: { sub: string; name?: string }) => ({
          id: sub,
          name: name ?? sub,
        }),
      },
    ],
    callbacks: {
      /** Called with an account at the login, and only then. No token gets into the cookie. */
      async jwt({ token, account }) {
        if (!account) return token
        const sessionId = crypto.randomUUID()
        await pool.get(sessionId).setTokens(account)
        if (former) await pool.signOut(former, { revoke: false })
        return { ...token, sessionId }
      },
    },
    cookies: { sessionToken: { name: COOKIE } },
    basePath: '/auth',
    trustHost: true,
    secret,
  }
}

/** All below `/auth`: Auth.js itself, but for the logout, which is to end the provider's session too. */
async function handleAuth(request: Request): Promise<Response> {
  const url = new URL(request.url)
  const { pathname, search } = url
  if (pathname === '/auth/login') return logIn(request, url)
  if (pathname === '/auth/logged-out') return answer(200, 'You are logged out.')
  if (pathname === '/auth/logout' && request.method === 'POST') return logOut(request)
  // The address that browsers know, also behind a balancer.
  const known = new Request(new URL(pathname + search, origin), request)
  const { body, status, headers } = await Auth(known, configOf(await sessionIdOf(request)))
  throwAwayBody(known)
  const response = new Response(body, { status, headers })
  if (pathname === '/auth/callback/provider') endStepUp(request, response, COOKIE)
  return response
}

/** What a click on the page of Auth.js does, and what a step-up demands goes along. */
async function logIn({ headers }: Request, asked: URL): Promise<Response> {
  const wanted = new URLSearchParams(wantedOf(asked))
  const callbackUrl = asked.searchParams.get('returnTo') ?? '/'
  const click = new Request(`${origin}/auth/signin/provider?${wanted}`, {
    method: 'POST',
    headers: { cookie: headers.get('cookie') ?? '' },
    body: new URLSearchParams({ callbackUrl }),
  })
  const {
    body,
    status,
    headers: told,
  } = await Auth(click, { ...configOf(undefined), skipCSRFCheck })
  const response = new Response(body, { status, headers: told })
  if (wanted.size > 0) setCookie(response, 'step-up', '1', TEN_MINUTES)
  return response
}

/** The cookie is `SameSite=Lax`, so no other site's form brings it. */
async function logOut(request: Request): Promise<Response> {
  const id = await sessionIdOf(request)
  if (!id) return answer(403, 'You are not logged in.')
  const postLogoutRedirectUri = `${origin}/auth/logged-out`
  const url = await oauth.logOut(pool.get(id), { postLogoutRedirectUri })
  const response = redirect(url ?? postLogoutRedirectUri)
  setCookie(response, COOKIE, '', 0)
  return response
}

/** Of the cookie of Auth.js, which only this app can read or make. */
async function sessionIdOf(request: Request): Promise<string | undefined> {
  const token = await getToken({ req: request, secret, cookieName: COOKIE, salt: COOKIE })
  return typeof token?.sessionId === 'string' ? token.sessionId : undefined
}

async function main(): Promise<void> {
  if (!secret) throw new Error('The environment has no AUTH_SECRET')
  await connect()
  const app = new Hono()

  app.all('/auth/*', (context) => handleAuth(context.req.raw))

  app.get('/', async (context) => {
    const me = await callApi(await sessionIdOf(context.req.raw), '/me')
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
    server.close(() => void close())
  })
}

void main()
