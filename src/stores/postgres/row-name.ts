import { createHash } from 'node:crypto'
import { escapeName } from '../server/record-name.js'

/** An index takes no longer text than 2,704 bytes; UTF-8 has up to three for each of these signs. */
const LONGEST_NAME = 512

/**
 * A session's name as a primary key. A long one is a digest, after signs that no escaped name has.
 *
 * @internal
 */
export function rowName(name: string): string {
  const escaped = escapeName(name)
  if (escaped.length <= LONGEST_NAME) return escaped
  return `%sha256:${createHash('sha256').update(escaped).digest('base64url')}`
}
