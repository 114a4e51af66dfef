import type { FastifyInstance } from 'fastify'
import type { Configuration } from './configuration.js'
import { html } from './html.js'
import type { LoginAttempts } from './login-attempts.js'
import { sendPage } from './page.js'
import type { Sessions } from './sessions.js'
import type { Tokens } from './tokens.js'

/** The authorization code flow with PKCE. */
export function addLogin(
  app: FastifyInstance,
  { api }: Configuration,
  { oauth, pool }: Tokens,
  attempts: LoginAttempts,
  sessions: Sessions,
): void {
  app.get('/login', async (request, reply) => {
    const attempt = await oauth.authorizationRequest({
      scope: 'openid offline_access read',
      resource: api,
      prompt: 'consent', // or an OpenID Connect server gives no refresh token
    })
    await attempts.begin(request, reply, attempt)
    return reply.redirect(attempt.url, 303)
  })

  app.get<{ Querystring: { state?: unknown } }>('/callback', async (request, reply) => {
    const attempt = await attempts.take(request, request.query.state)
    if (!attempt) return sendUnknownAttempt(reply)
    const received = await oauth.authorizationCode(request.url, attempt)

    const former = await sessions.find(request)
    if (former) {
      await sessions.end(former, reply)
      // Not revoked: to the server, the new tokens may belong to the same grant.
      await pool.signOut(former.id, { revoke: false })
    }
    await sessions.begin(reply, (id) => pool.get(id).setTokens(received))
    return reply.redirect('/', 303)
  })
}

/** Late, loaded again, or begun by someone else. */
function sendUnknownAttempt(reply: Parameters<typeof sendPage>[0]) {
  return sendPage(reply, {
    status: 400,
    title: 'The login failed',
    body: html`<p>It took too long, or it was begun in another browser.</p>
      <a href="/login">Log in</a>`,
  })
}
