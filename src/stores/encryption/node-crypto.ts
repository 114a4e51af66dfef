import type * as crypto from 'node:crypto'

/**
 * Loaded at the first use: a program that finds a session in clear, or none, needs none of it, and it
 * takes longer to load than the session.
 *
 * @internal
 */
export function nodeCrypto(): typeof crypto {
  return process.getBuiltinModule('node:crypto')
}
