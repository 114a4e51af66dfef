import type { AxiosInstance } from 'axios'
import { TokenOptionsError } from '../../errors.js'

/**
 * axios copies plain objects deeply when it merges configs: a getter becomes the value it had, what
 * methods write through `this` is lost, and two of them become one. A source of methods alone, that
 * was merged with nothing, is none the worse for it; any other would hand out the wrong session's
 * token sooner or later (law 16).
 *
 * @returns the error to fail the request with, if there is one
 */
export function copyFault(
  tokens: unknown,
  defaults: AxiosInstance['defaults'],
): TokenOptionsError | undefined {
  if (!isPlain(tokens)) return undefined
  if (isPlain(defaults.tokens)) {
    return fault('it would be merged with the one in the defaults of the instance')
  }
  const state = Object.keys(tokens).find((name) => typeof tokens[name] !== 'function')
  return state === undefined ? undefined : fault(`its "${state}" would be frozen in the copy`)
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function fault(why: string): TokenOptionsError {
  return new TokenOptionsError(
    `tokens: axios copies a plain object, and ${why}: ` +
      'give an instance of a class, or let the source function of attachTokens return the object',
  )
}
