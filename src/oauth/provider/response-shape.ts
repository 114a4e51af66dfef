import type { Provider, ResponseMember, ResponseShape } from '../provider.js'
import { firstAt, valueAt } from './path.js'

type Body = Readonly<Record<string, unknown>>

const LIFETIMES: readonly ResponseMember[] = ['expires_in', 'refresh_token_expires_in']

/**
 * The members of a token response by the names of RFC 6749 §5.1, wherever this server has them;
 * all others stay where they are.
 *
 * @internal
 */
export function standardMembers(body: Body, provider: Provider | undefined): Body {
  const { within = [], names = {}, lifetimeUnit }: ResponseShape = provider?.tokenResponse ?? {}
  const nested = [within].flat().map((path) => valueAt(body, path))
  const inside = nested.find((value) => hasToken(value, names)) ?? nested.find(isObject)
  const members: Record<string, unknown> = { ...body, ...inside }
  for (const [name, paths] of Object.entries(names)) {
    const value = firstAt(members, paths)
    if (value !== undefined) members[name] = value
  }
  if (lifetimeUnit === 'milliseconds') {
    for (const name of LIFETIMES) if (name in members) members[name] = Number(members[name]) / 1000
  }
  const { scopeSeparator } = provider ?? {}
  if (scopeSeparator && typeof members.scope === 'string') {
    members.scope = members.scope.split(scopeSeparator).join(' ')
  }
  return members
}

/** The members that are kept besides. @internal */
export function extraMembers(
  body: Body,
  names: readonly string[] | undefined,
): Record<string, unknown> {
  const kept = (names ?? []).map((name) => [name, valueAt(body, name)] as const)
  return Object.fromEntries(kept.filter(([, value]) => value !== undefined))
}

function hasToken(value: unknown, names: NonNullable<ResponseShape['names']>): boolean {
  return isObject(value) && firstAt(value, names.access_token ?? 'access_token') !== undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
