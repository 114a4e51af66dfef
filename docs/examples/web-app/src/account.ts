import type { FastifyInstance } from 'fastify'
import type { Activity } from './activity.js'
import { behindThePage } from './behind-the-page.js'
import type { Configuration } from './configuration.js'
import { controls } from './controls.js'
import { html } from './html.js'
import { sendPage } from './page.js'
import type { Sessions } from './sessions.js'
import type { Tokens } from './tokens.js'

const PARTS = ['profile', 'orders', 'invoices', 'messages', 'devices']

/** What the API should say for each part. */
interface Answer {
  owner?: unknown
}

interface Parts {
  readonly tokens: Tokens
  readonly sessions: Sessions
  readonly activity: Activity
}

/** A page made of five answers, asked for at once. */
export function addAccount(
  app: FastifyInstance,
  configuration: Configuration,
  { tokens: { pool, api }, sessions, activity }: Parts,
): void {
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
      ${await behindThePage(tokens, activity)} ${controls(configuration.controls)}
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
