import type { FastifyInstance } from 'fastify'
import type { Configuration } from './configuration.js'
import { html } from './html.js'
import { sendPage } from './page.js'
import type { Sessions } from './sessions.js'
import type { Tokens } from './tokens.js'

/** Ends the session here, its tokens at the server, and the user's session at the server. */
export function addLogout(
  app: FastifyInstance,
  { origin }: Configuration,
  { oauth, pool }: Tokens,
  sessions: Sessions,
): void {
  app.post<{ Body: { csrf?: unknown } | undefined }>('/logout', async (request, reply) => {
    const session = await sessions.of(request)
    if (!sessions.isGenuine(session, request.body?.csrf)) {
      const body = html`<p>This form is not of your session.</p>
        <a href="/">Back</a>`
      return sendPage(reply, { status: 403, title: 'Not done', body })
    }
    const tokens = pool.get(session.id)
    await sessions.end(session, reply)
    const signedOut = `${origin.origin}/signed-out`
    const url = await oauth.logOut(tokens, { postLogoutRedirectUri: signedOut })
    return reply.redirect(url ?? signedOut, 303)
  })

  app.get('/signed-out', async (_request, reply) =>
    sendPage(reply, { title: 'You are logged out', body: html`<a href="/login">Log in</a>` }),
  )
}
