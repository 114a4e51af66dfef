import { TokenOptionsError } from '../errors.js'
import { checkOptions, describe, type OptionCheck } from '../oauth/option-checks.js'
import { withTimeout } from '../wait.js'
import { countCleaners } from './signal-exit.js'

/** A `TokenManager`, a pool, or anything else that has something to finish. @public */
export interface Closable {
  close(): Promise<unknown>
}

/** @public */
export interface FinishBeforeExitOptions {
  /**
   * How long the process may go on for it, in milliseconds.
   *
   * @default 10_000: what one token request may take
   */
  timeoutMs?: number
}

/** What ends a process from a terminal: a closed window, Ctrl-C, `kill`; each with its number. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
type Signal = keyof typeof SIGNALS

const DEFAULT_TIMEOUT_MS = 10_000

/**
 * Lets a refresh in flight be saved before Ctrl-C, `kill` or a closed terminal ends the process: a
 * refresh token that was spent, and whose answer is lost, ends the session at a server that rotates.
 *
 * At the first signal the managers are closed; then the process ends by that same signal, so that
 * a shell sees 130 (SIGINT), 143 (SIGTERM) or 129 (SIGHUP). A second signal ends it at once.
 * Listeners of your own are called as ever. One that is still there afterwards has the say: then
 * the process is not ended from here, as Node itself does not end it either.
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
  const closables = checked(tokens)
  checkOptions('finishBeforeExit', options, { timeoutMs: durationCheck })
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options
  const signals = Object.keys(SIGNALS) as Signal[]
  let isFinishing = false

  const undo = () => {
    for (const signal of signals) process.off(signal, finish)
  }

  /** Whoever leaves last ends the process: others, of ours too, may have something to finish. */
  const leave = (signal: Signal) => {
    undo()
    if (process.listenerCount(signal) <= countCleaners()) end(signal)
  }

  function finish(signal: Signal): void {
    if (isFinishing) return leave(signal)
    isFinishing = true
    void closeAll(closables, timeoutMs).then(() => leave(signal))
  }

  for (const signal of signals) process.on(signal, finish)
  return undo
}

async function closeAll(closables: readonly Closable[], timeoutMs: number): Promise<void> {
  const closeEach = () => Promise.allSettled(closables.map(async (each) => each.close()))
  await withTimeout(closeEach, timeoutMs, () => new Error('timeout')).catch(() => undefined)
}

/** By the signal itself, so that a shell's loop ends too, as it would not after an exit code. */
function end(signal: Signal): void {
  try {
    process.kill(process.pid, signal)
  } catch {
    // Windows cannot send SIGHUP.
  }
  process.exit(128 + SIGNALS[signal]) // the first process of a container survives its own signal
}

function checked(tokens: unknown): readonly Closable[] {
  const closables: unknown[] = Array.isArray(tokens) ? tokens : [tokens]
  for (const closable of closables) {
    const { close } = Object(closable) as Partial<Closable>
    if (typeof close === 'function') continue
    throw new TokenOptionsError(
      `finishBeforeExit: a TokenManager, or something else with close(), wanted, got ${describe(closable)}`,
    )
  }
  return closables as Closable[]
}

const durationCheck: OptionCheck = (value) => {
  const isDuration = typeof value === 'number' && Number.isFinite(value) && value > 0
  const given = typeof value === 'number' ? String(value) : describe(value)
  return isDuration ? undefined : `milliseconds, more than 0, wanted, got ${given}`
}
