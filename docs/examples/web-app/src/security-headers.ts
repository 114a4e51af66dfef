import type { FastifyInstance } from 'fastify'
import type { Configuration } from './configuration.js'

export function addSecurityHeaders(app: FastifyInstance, { origin, issuer }: Configuration): void {
  const headers = {
    // Nothing but our own style sheet and script. Forms go to us, and where the logout leads from there:
    // browsers hold a form's redirects to `form-action` too.
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "script-src 'self'",
      `form-action 'self' ${new URL(issuer).origin}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'cache-control': 'no-store', // pages are one user's
    'referrer-policy': 'no-referrer', // the callback's URL has the code in it
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'same-origin',
    ...(origin.protocol === 'https:' && { 'strict-transport-security': 'max-age=31536000' }),
  }
  app.addHook('onRequest', async (_request, reply) => void reply.headers(headers))
}
