import { createScrubber, inLines } from '../redact.js'

/** How much of what hangs on an error is looked at before it is taken to hold a token. */
const DEEPEST = 12
const MOST_VALUES = 2_000
const REDACTED = '[redacted]'

/**
 * What an HTTP client threw, without the token: a platform's own error has none in it, one of a
 * wrapper may hold the request. The error stays the very same wherever it lets itself be changed;
 * otherwise, and where it is no error, another describes it.
 *
 * @param secrets - what was sent: the token, its header's value, its proof
 * @param known - members that were dealt with already
 * @internal
 */
export function hideInError(
  thrown: unknown,
  secrets: readonly string[],
  known: readonly string[] = [],
): unknown {
  const look = new Look(secrets, known)
  if (!look.holds(thrown)) return thrown
  const scrubber = createScrubber(secrets)
  const text = (said: string) => scrubber.text(withoutAll(said, secrets))
  if (thrown instanceof Error) {
    clean(thrown, look, text, new Set())
    if (!look.holds(thrown)) return thrown
  }
  const description = scrubber.cause(thrown)
  description.message = text(description.message)
  return new TypeError('fetch failed', { cause: description })
}

/** Replaces each member that leads to a secret. */
function clean(error: object, look: Look, text: (said: string) => string, seen: Set<object>): void {
  seen.add(error)
  for (const name of look.namesOf(error)) {
    const value = look.valueOf(error, name)
    if (!look.holds(value)) continue
    if (value instanceof Error && !seen.has(value)) {
      clean(value, look, text, seen)
      if (!look.holds(value)) continue
    }
    if (Array.isArray(value) && value.every((each) => each instanceof Error)) {
      for (const each of value) if (!seen.has(each)) clean(each, look, text, seen)
      if (!look.holds(value)) continue
    }
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, name)
    const said = name === 'stack' ? (stack: string) => inLines(stack.split('\n'), text) : text
    const safe = typeof value === 'string' ? said(value) : REDACTED
    Reflect.defineProperty(error, name, { value: safe, enumerable, configurable: true, writable: true }) // prettier-ignore
  }
  if (look.isToldByJson(error)) {
    const toJSON = () => ({
      name: look.valueOf(error, 'name'),
      message: look.valueOf(error, 'message'),
    })
    Reflect.defineProperty(error, 'toJSON', { value: toJSON, configurable: true, writable: true })
  }
}

/** Looks for secrets in whatever an error holds, as far as a console, a logger or JSON would. */
class Look {
  constructor(
    private readonly secrets: readonly string[],
    private readonly known: readonly string[],
  ) {}

  /** Of what is too large or too deep to look through, it is assumed. */
  holds(value: unknown): boolean {
    const seen = new Set<unknown>()
    const look = (current: unknown, depth: number): boolean => {
      if (typeof current === 'string') return this.#isIn(current)
      if (typeof current !== 'object' || current === null || seen.has(current)) return false
      seen.add(current)
      if (seen.size > MOST_VALUES || depth > DEEPEST) return true
      return this.#partsOf(current).some((part) => look(part, depth + 1)) || this.isToldByJson(current) // prettier-ignore
    }
    return look(value, 0)
  }

  /** A `toJSON` of its own may tell what no member holds. */
  isToldByJson(object: object): boolean {
    try {
      const { toJSON } = object as { toJSON?: unknown }
      if (typeof toJSON !== 'function' || !(object instanceof Error)) return false
      const told: unknown = toJSON.call(object)
      const config = { ...(told as object), ...Object.fromEntries(this.known.map((name) => [name, null])) } // prettier-ignore
      return this.#isIn(JSON.stringify(config) ?? '')
    } catch {
      return false
    }
  }

  namesOf(object: object): PropertyKey[] {
    // `message` may be inherited, as of a DOMException.
    const names = new Set([...Reflect.ownKeys(object), ...(object instanceof Error ? ['message', 'stack', 'cause'] : [])]) // prettier-ignore
    return [...names].filter((name) => !this.known.includes(name as string))
  }

  /** A getter is called as a logger would. */
  valueOf(object: object, name: PropertyKey): unknown {
    try {
      return (object as Record<PropertyKey, unknown>)[name]
    } catch {
      return undefined
    }
  }

  #isIn(text: string): boolean {
    return this.secrets.some((secret) => text.includes(secret))
  }

  /** What a console would show of it, and the headers of what looks like a `Request`. */
  #partsOf(object: object): unknown[] {
    const names = this.namesOf(object)
    const members = [...names, ...names.map((name) => this.valueOf(object, name))]
    return [this.valueOf(object, 'headers'), ...(isIterable(object) ? [...object] : []), ...members]
  }
}

function withoutAll(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.split(secret).join(REDACTED), text)
}

function isIterable(object: object): object is Iterable<unknown> {
  return object instanceof Map || object instanceof Set || object instanceof Headers
}
