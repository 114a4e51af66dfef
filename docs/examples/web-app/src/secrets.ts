import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What nobody guesses: 256 random bits. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

export function isSecret(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{43}$/.test(value)
}

/**
 * What a secret is called where others may read: whoever sees Redis' keys, or a log, has the name
 * of a session and not the cookie that opens it.
 */
export function nameOf(secret: string): string {
  return hash(secret).toString('base64url')
}

export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(hash(one), hash(other))
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
