import type { FastifyReply } from 'fastify'
import { html, type Html } from './html.js'

export function sendPage(
  reply: FastifyReply,
  { title, body, status = 200 }: { title: string; body: Html; status?: number },
): FastifyReply {
  const page = html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title>
      <link rel="stylesheet" href="/style.css" />
      <script src="/page.js" defer></script>
      <main>
        <h1>${title}</h1>
        ${body}
      </main>
    </html>`
  return reply.code(status).type('text/html; charset=utf-8').send(page.text)
}
