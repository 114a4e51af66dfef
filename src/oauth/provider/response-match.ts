import type { MatchValue, ResponseMatch } from '../provider.js'
import { valueAt } from './path.js'

/** A response, as far as descriptions speak of it. */
export interface MatchedResponse {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
  /** The body where it is no object. */
  readonly text?: string | undefined
  /** The error's word or number. */
  readonly code: unknown
}

/** @internal */
export function matchesAny(
  response: MatchedResponse,
  matches: readonly ResponseMatch[] | undefined,
): boolean {
  return matches?.some((match) => matchesOne(response, match)) ?? false
}

function matchesOne(response: MatchedResponse, match: ResponseMatch): boolean {
  const { status, body, text, code } = response
  if (typeof match === 'function') return match(body, status)
  if (typeof match !== 'object') return code !== undefined && String(code) === String(match)
  const whole: Readonly<Record<string, unknown>> = { $status: status, $body: text }
  return Object.entries(match).every(([path, expected]) => {
    const value = Object.hasOwn(whole, path) ? whole[path] : valueAt(body, path)
    return [expected].flat().some((each) => isEqual(value, each))
  })
}

function isEqual(value: unknown, expected: MatchValue): boolean {
  if (!(expected instanceof RegExp)) return value === expected
  return typeof value === 'string' && new RegExp(expected.source, noState(expected)).test(value)
}

/** An expression with `g` or `y` remembers where it was. */
function noState({ flags }: RegExp): string {
  return flags.replace(/[gy]/g, '')
}
