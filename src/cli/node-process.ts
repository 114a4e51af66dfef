/** @internal */
export type Signal = 'SIGHUP' | 'SIGINT' | 'SIGTERM'

/**
 * Without Node's types, which the sources compile without.
 *
 * @internal
 */
export interface NodeProcess {
  readonly pid: number
  on(signal: Signal, listener: (signal: Signal) => void): void
  off(signal: Signal, listener: (signal: Signal) => void): void
  listenerCount(signal: Signal): number
  kill(pid: number, signal: Signal): void
  exit(code: number): void
}

/** @internal */
export function nodeProcess(): NodeProcess {
  return (globalThis as unknown as { process: NodeProcess }).process
}

/**
 * How many listeners to a signal are of the package `signal-exit`, which cleans up (temporary
 * files, a hidden cursor) and leaves the end to whoever else listens. It counts its copies where
 * all of its versions find them.
 *
 * @internal
 */
export function countPassiveListeners(): number {
  const version3: unknown = Reflect.get(nodeProcess(), '__signal_exit_emitter__')
  const version4: unknown = Reflect.get(globalThis, Symbol.for('signal-exit emitter'))
  return countOf(version3) + countOf(version4)
}

function countOf(emitter: unknown): number {
  const { count } = Object(emitter) as { count?: unknown }
  return typeof count === 'number' ? count : 0
}
