import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isTokenError, tokenErrorOf } from 'tokenward'
import { html } from './html.js'
import { sendPage } from './page.js'
import type { Sessions } from './sessions.js'
import { StateError } from './state.js'

const RETRY_SECONDS = 5

/** What a page shows that could not be made. */
export function addFailures(app: FastifyInstance, sessions: Sessions): void {
  app.setErrorHandler((error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const why = tokenErrorOf(error) // of ours, or the cause of axios' 401
    if (isTokenError(why, 'ERR_LOGIN_REQUIRED')) {
      sessions.forget(reply)
      return reply.redirect('/login', 303)
    }
    if (isTokenError(why, 'ERR_LOGIN')) {
      const title = why.reason === 'denied' ? 'You are not logged in' : 'The login failed'
      return sendPage(reply, { status: 400, title, body: html`<a href="/login">Log in</a>` })
    }

    const known = why ?? error
    // Not the error as it is: one of axios holds what the API answered, which is the user's.
    request.log.error({ code: known.code }, known.message)
    if (error.statusCode !== undefined && error.statusCode < 500) {
      return sendPage(reply, { status: error.statusCode, title: 'Not done', body: html`` })
    }
    const status = why?.isTransient || error instanceof StateError ? 503 : 500
    if (status === 503) reply.header('retry-after', RETRY_SECONDS)
    const body = html`<p>It is not your fault, and does not log you out.</p>
      <a href="/">Try again</a>`
    return sendPage(reply, { status, title: 'Please try again', body })
  })
}
