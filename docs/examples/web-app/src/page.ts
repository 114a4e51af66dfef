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
      <main>
        <h1>${title}</h1>
        ${body}
      </main>
    </html>`
  return reply.code(status).type('text/html; charset=utf-8').send(page.text)
}

export const STYLE = `
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: #f4f4f2; color: #222 }
main { max-width: 34rem; margin: 10vh auto; padding: 2rem; background: #fff; border: 1px solid #ddd }
h1 { font-size: 1.4rem; margin: 0 0 1rem }
table { width: 100%; border-collapse: collapse; margin: 1rem 0 }
th, td { text-align: left; padding: .4rem .2rem; border-bottom: 1px solid #eee; font-weight: normal }
td { font-weight: 600 }
a, button { display: inline-block; font: inherit; padding: .4rem 1rem; border: 0; cursor: pointer;
  background: #1a4d8f; color: #fff; text-decoration: none }
`
