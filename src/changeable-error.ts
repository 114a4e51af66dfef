/**
 * Of a frozen error a copy: the platform's complaint about a change would show its message, and take
 * its place.
 *
 * @internal
 */
export function changeable<E extends Error>(error: E): E {
  if (!Object.isFrozen(error)) return error
  const copy = Object.create(Object.getPrototypeOf(error) as object) as E
  for (const name of Reflect.ownKeys(error)) {
    const { enumerable } = Reflect.getOwnPropertyDescriptor(error, name)!
    const value: unknown = Reflect.get(error, name)
    Object.defineProperty(copy, name, { value, enumerable, configurable: true, writable: true })
  }
  return copy
}
