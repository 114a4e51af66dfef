import { randomBytes } from 'node:crypto'
import type { Issued } from '../peers/peer.ts'

/** As most servers issue them: 43 characters that say nothing. */
function opaqueToken(): string {
  return randomBytes(32).toString('base64url')
}

const HEADER = encoded({ alg: 'none', typ: 'at+jwt' })

/** For contenders that can read nothing else. */
function jwt(expiresAt: number): string {
  return `${HEADER}.${encoded({ sub: 'user', jti: opaqueToken(), exp: expiresAt / 1000 })}.AA`
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

export function issue(lifetimeMs: number, isJwt = false): Issued {
  const expiresAt = Date.now() + lifetimeMs
  return {
    accessToken: isJwt ? jwt(expiresAt) : opaqueToken(),
    refreshToken: opaqueToken(),
    expiresAt,
  }
}
