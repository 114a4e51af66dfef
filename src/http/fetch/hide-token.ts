import { createScrubber } from '../../redact.js'

/** How much of what hangs on an error is looked at before it is taken to hold a token. */
const DEEPEST = 6
const MOST_VALUES = 2_000

/**
 * What a fetch threw, without the token: a platform's own error has none in it, one of a wrapper
 * may hold the request. The error stays the very same; what is no error is described by one.
 *
 * @param secrets - what was sent: the token and its proof
 */
export function hideInError(thrown: unknown, secrets: readonly string[]): unknown {
  if (!holds(thrown, secrets)) return thrown
  const scrubber = createScrubber(secrets)
  if (thrown instanceof Error) return cleaned(thrown, secrets, (text) => scrubber.text(text))
  return new TypeError('fetch failed', { cause: scrubber.cause(thrown) })
}

function cleaned(
  error: Error,
  secrets: readonly string[],
  scrub: (text: string) => string,
  seen = new Set<object>(),
): Error {
  seen.add(error)
  // `message` may be inherited, as of a DOMException.
  for (const name of new Set([...Reflect.ownKeys(error), 'message', 'stack'])) {
    const value: unknown = (error as unknown as Record<PropertyKey, unknown>)[name]
    if (!holds(value, secrets)) continue
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, name)
    const clean = (text: unknown) =>
      Reflect.defineProperty(error, name, { value: text, enumerable, configurable: true, writable: true }) // prettier-ignore
    if (value instanceof Error && !seen.has(value)) cleaned(value, secrets, scrub, seen)
    else clean(typeof value === 'string' ? scrub(value) : '[veiled: it holds a token]')
  }
  return error
}

/** Whether a secret is anywhere in it; of what is too large to look through, it is assumed. */
function holds(value: unknown, secrets: readonly string[]): boolean {
  const seen = new Set<unknown>()
  const look = (current: unknown, depth: number): boolean => {
    if (typeof current === 'string') return secrets.some((secret) => current.includes(secret))
    if (typeof current !== 'object' || current === null || seen.has(current)) return false
    seen.add(current)
    if (seen.size > MOST_VALUES) return true
    return depth < DEEPEST && partsOf(current).some((part) => look(part, depth + 1))
  }
  return look(value, 0)
}

/** What a console would show of it, and the headers of what looks like a `Request`. */
function partsOf(object: object): unknown[] {
  const { message, stack, cause, headers } = object as Record<string, unknown>
  const entries = isIterable(object) ? [...object] : []
  const own = Reflect.ownKeys(object).map((name) => valueOf(object, name))
  return [message, stack, cause, headers, ...entries, ...own]
}

/** A getter is not called: it may do anything. */
function valueOf(object: object, name: PropertyKey): unknown {
  return Reflect.getOwnPropertyDescriptor(object, name)?.value
}

function isIterable(object: object): object is Iterable<unknown> {
  return object instanceof Map || object instanceof Set || object instanceof Headers
}
