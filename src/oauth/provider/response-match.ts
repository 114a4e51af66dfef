import type { MatchValue, ResponseMatch } from '../provider.js'
import { valueAt } from './path.js'

/** A response, as far as descriptions speak of it. */
export interface MatchedResponse {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
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

function matchesOne({ status, body, code }: MatchedResponse, match: ResponseMatch): boolean {
  if (typeof match === 'function') return match(body, status)
  if (typeof match !== 'object') return code !== undefined && String(code) === String(match)
  return Object.entries(match).every(([path, expected]) => {
    const value = path === '$status' ? status : valueAt(body, path)
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
