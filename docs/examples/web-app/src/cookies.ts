import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isSecret } from './secrets.js'

/** A cookie whose value is a secret of `secrets.ts`, and that only this app sees. */
export interface SecretCookie {
  of(request: FastifyRequest): string | undefined
  set(reply: FastifyReply, secret: string): void
  clear(reply: FastifyReply): void
}

/**
 * - `HttpOnly`: no script reads it.
 * - `SameSite=Lax`: other sites' forms and scripts do not send it. Not `Strict`: the login's response
 *   is a link from another site.
 * - `Secure` and `__Host-`: never over plain http, and no neighbour under the same domain can plant
 *   one. On plain-http loopback neither, since Safari would refuse them there.
 * - No `Max-Age`, unless given: it goes with the browser.
 */
export function secretCookie(name: string, origin: URL, maxAgeMs?: number): SecretCookie {
  const secure = origin.protocol === 'https:'
  const fullName = secure ? `__Host-${name}` : name
  const flags: CookieSerializeOptions = { path: '/', httpOnly: true, sameSite: 'lax', secure }
  const maxAge = maxAgeMs === undefined ? undefined : maxAgeMs / 1000
  return {
    of(request) {
      const value = request.cookies[fullName]
      return isSecret(value) ? value : undefined
    },
    set: (reply, secret) => void reply.setCookie(fullName, secret, { ...flags, maxAge }),
    clear: (reply) => void reply.clearCookie(fullName, flags),
  }
}
