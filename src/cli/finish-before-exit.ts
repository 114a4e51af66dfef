import { check, checkOptions, isFunction, optionError, positiveMilliseconds } from '../checks.js'
import { ExitGuard, type Closable } from './exit-guard.js'

/** @public */
export interface FinishBeforeExitOptions {
  /**
   * How long the end of the process may be delayed, in milliseconds.
   *
   * @default 10_000: the default time limit of one token request
   */
  timeoutMs?: number | undefined
}

const DEFAULT_TIMEOUT_MS = 10_000

/**
 * Delays the end of the process until a refresh in progress is saved. Otherwise the response would be
 * lost, and a server that rotates refresh tokens would end the session.
 *
 * - A signal (Ctrl-C, `kill`, a closed terminal): the managers are closed; then the process ends by
 *   that same signal, so that a shell sees 130 (SIGINT), 143 (SIGTERM) or 129 (SIGHUP). A second
 *   signal ends it at once. If one of your own signal listeners is still registered after the
 *   managers are closed, tokenward does not end the process; your listener must do that.
 * - An error or a rejection that nobody caught: the managers are closed; then Node.js prints the error
 *   and exits with 1, as usual. If the program that reads the output has ended (`| head`), no error
 *   is printed, and the exit code is 141. If you listen for `uncaughtException` yourself, tokenward
 *   leaves all of this to your listener.
 * - Nothing left to do (`beforeExit`): the managers are closed.
 *
 * `process.exit()` cannot be delayed: see `run`.
 *
 * @param tokens - one manager or pool, or several
 * @returns a function that removes the protection
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
 * Calls `finishBeforeExit`, runs a program's main function, and then closes the managers. When the
 * promise settles, no refresh is in progress, so `process.exit()` loses nothing. After a signal, the
 * promise does not settle unless the process continues, so the user sees no `ManagerClosedError`.
 *
 * @param tokens - one manager or pool, or several
 * @returns what `main` returns
 * @example
 * await run(tokens, () => main(process.argv.slice(2)))
 *
 * @throws the error that `main` throws
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
