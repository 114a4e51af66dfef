import { secretsOfDpopKey } from '../tokens/dpop-key.js'
import type { TokenSet } from '../tokens/token-set.js'

/** What is shorter or has blanks is a word, a scope or a name: an error may say it. */
const OPAQUE = /^[^\s:]{16,}$/
const DEEPEST = 4

/**
 * The texts of a set that no message may show. Nobody knows what a response's other members are: a
 * client's secret may be among them, so what is called one, and what is as long and no URL, is taken
 * for one.
 *
 * @internal
 */
export function secretsOfTokens(tokens: TokenSet | null | undefined): string[] {
  if (!tokens) return []
  const { accessToken, refreshToken, idToken, dpopKey, extra } = tokens
  const known = [accessToken, refreshToken, idToken].flatMap((text) => text || [])
  return [...known, ...secretsOfDpopKey(dpopKey), ...secretsIn(extra)]
}

function secretsIn(value: unknown, depth = 0, name = ''): string[] {
  if (typeof value === 'string') return OPAQUE.test(value) || /secret/i.test(name) ? [value] : []
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return []
  return Object.entries(value).flatMap(([name, member]) => secretsIn(member, depth + 1, name))
}
