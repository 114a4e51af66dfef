import type { FastifyInstance } from 'fastify'
import { html } from './html.js'
import { sendPage } from './page.js'
import type { Sessions } from './sessions.js'
import type { Tokens } from './tokens.js'

const PARTS = ['profile', 'orders', 'invoices', 'messages', 'devices']

/** What the API should response for each part. */
interface Answer {
  owner?: unknown
}

/** A page made of five answers, asked for at once. */
export function addAccount(app: FastifyInstance, { pool, api }: Tokens, sessions: Sessions): void {
  app.get('/', async (request, reply) => {
    if (!sessions.isClaimed(request)) return reply.redirect('/welcome', 303)
    const session = await sessions.of(request)

    const tokens = pool.get(session.id)
    const answers = await Promise.all(
      PARTS.map((part) => api.get<Answer | null>(`/${part}`, { tokens })),
    )

    const rows = answers.map(
      ({ data }, index) =>
        html`<tr>
          <th>${PARTS[index]!}</th>
          <td>${data?.owner}</td>
        </tr>`,
    )
    const body = html`<p>The API says whose these are:</p>
      <table>
        ${rows}
      </table>
      <form method="post" action="/logout">
        <input type="hidden" name="csrf" value="${session.csrfToken}" />
        <button>Log out</button>
      </form>`
    return sendPage(reply, { title: 'Your account', body })
  })

  app.get('/welcome', async (_request, reply) =>
    sendPage(reply, { title: 'Welcome', body: html`<a href="/login">Log in</a>` }),
  )
}
