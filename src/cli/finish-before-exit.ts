import { check, checkOptions, isFunction, optionError, positiveMilliseconds } from '../checks.js'
import { ExitGuard, type Closable } from './exit-guard.js'

/** @public */
export interface FinishBeforeExitOptions {
  /**
   * How long the process may go on for it, in milliseconds.
   *
   * @default 10_000: what one token request may take
   */
  timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 10_000

/**
 * Lets a refresh in flight be saved before the process ends: a refresh token that was spent, and
 * whose response is lost, ends the session at a server that rotates.
 *
 * - A signal (Ctrl-C, `kill`, a closed terminal): the managers are closed; then the process ends by
 *   that same signal, so that a shell sees 130 (SIGINT), 143 (SIGTERM) or 129 (SIGHUP). A second
 *   signal ends it at once. If one of your own signal listeners is still registered then, the
 *   process is not ended from here; your listener must end it.
 * - A throw or a rejection that nobody catches: the managers are closed; then Node prints the error
 *   and exits with 1, as ever. A reader that has gone (`| head`) is no error: 141. If you listen
 *   for `uncaughtException` yourself, nothing of this happens, and your listener decides.
 * - Nothing left to do (`beforeExit`): the managers are closed.
 *
 * `process.exit()` cannot be held: see `run`.
 *
 * @param tokens - one, or several
 * @returns undoes it
 * @example
 * finishBeforeExit(tokens)
 *
 * @throws TokenOptionsError if there is nothing to close, or an option is bad
 * @public
 */
export function finishBeforeExit(
  tokens: Closable | readonly Closable[],
  options: FinishBeforeExitOptions = {},
): () => void {
  const guard = createGuard('finishBeforeExit', tokens, options)
  return () => guard.undo()
}

/**
 * Runs a program's main function between `finishBeforeExit` and a `close()` of all: when it
 * settles, nothing is in flight, and whatever calls `process.exit()` then loses nothing. After a
 * signal it does not settle unless the process goes on, so that nobody hears of managers that are
 * closed.
 *
 * @param tokens - one, or several
 * @returns what `main` returns
 * @example
 * process.exitCode = await run(tokens, () => main(process.argv.slice(2)))
 *
 * @throws whatever `main` throws
 * @throws TokenOptionsError if there is nothing to close or to run, or an option is bad
 * @public
 */
export async function run<T>(
  tokens: Closable | readonly Closable[],
  main: () => T | PromiseLike<T>,
  options: FinishBeforeExitOptions = {},
): Promise<T> {
  if (!isFunction(main)) throw optionError('run', 'main', 'a function', main)
  const guard = createGuard('run', tokens, options)
  try {
    return await main()
  } finally {
    await guard.finish() // after which an interrupted process is gone
    guard.undo()
  }
}

function createGuard(owner: string, tokens: unknown, options: FinishBeforeExitOptions): ExitGuard {
  const closables: unknown[] = Array.isArray(tokens) ? tokens : [tokens]
  for (const each of closables) {
    if (!aClosable.isGood(each)) throw optionError(owner, 'tokens', aClosable.expected, each)
  }
  checkOptions(owner, options, { timeoutMs: positiveMilliseconds })
  return new ExitGuard(closables as Closable[], options.timeoutMs ?? DEFAULT_TIMEOUT_MS)
}

const aClosable = check('a TokenManager, or something else with close()', (value) =>
  isFunction(Reflect.get(Object(value) as object, 'close')),
)
