/** What Node's `util.inspect` and `console.log` look for; other runtimes honour it too. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom')

/**
 * Makes `util.inspect` and `console.log` show what `show` says instead of what is inside. The
 * property is not enumerable, so the object stays the plain data that JSON and spread see.
 *
 * @internal
 */
export function hideFromInspect<T extends object>(object: T, show: () => string): T {
  return Object.defineProperty(object, INSPECT, { value: show })
}
