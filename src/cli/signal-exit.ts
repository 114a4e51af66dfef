/**
 * How many listeners of each signal are of the package `signal-exit`, which cleans up (temporary
 * files, a hidden cursor) and leaves the end to whoever else listens. It counts its copies where
 * all of its versions find them.
 *
 * @internal
 */
export function countCleaners(): number {
  const version3: unknown = Reflect.get(process, '__signal_exit_emitter__')
  const version4: unknown = Reflect.get(globalThis, Symbol.for('signal-exit emitter'))
  return countOf(version3) + countOf(version4)
}

function countOf(emitter: unknown): number {
  const { count } = Object(emitter) as { count?: unknown }
  return typeof count === 'number' ? count : 0
}
