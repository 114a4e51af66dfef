import { isTokenError, type TokenError } from '../errors.js'
import { withTimeout } from '../wait.js'
import { countCleaners } from './signal-exit.js'

/** A `TokenManager`, a pool, or anything else with a `close()` method. @public */
export interface Closable {
  close(): Promise<unknown>
}

/** What ends a process from a terminal: a closed window, Ctrl-C, `kill`; each with its number. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
type Signal = keyof typeof SIGNALS

/** What a shell shows for a program whose reader has gone (SIGPIPE, which Node ignores). */
const BROKEN_PIPE = 128 + 13

/** By which every copy of this package knows the listeners of all. */
const OURS = Symbol.for('tokenward.exit-guard')

/**
 * Holds the process, on every way out that Node lets anyone hold, until all is closed; then lets
 * it go the way that it went.
 *
 * @internal
 */
export class ExitGuard {
  readonly #closables: readonly Closable[]
  readonly #timeoutMs: number
  readonly #onError: (error: unknown) => void
  readonly #onOutputError: (error: Error) => void
  #finishing: Promise<void> | undefined
  #isInterrupted = false

  constructor(closables: readonly Closable[], timeoutMs: number) {
    this.#closables = closables
    this.#timeoutMs = timeoutMs
    this.#onError = ours((error: unknown) => this.#fail(error))
    this.#onOutputError = ours((error: Error) => this.#failToPrint(error))
    for (const signal of SIGNAL_NAMES) process.on(signal, this.#interrupt)
    process.on('uncaughtException', this.#onError)
    process.on('beforeExit', this.#onIdle)
    process.stdout.on('error', this.#onOutputError)
  }

  /** Closes all, in bounded time; what one of them throws is ignored. */
  finish(): Promise<void> {
    return (this.#finishing ??= closeAll(this.#closables, this.#timeoutMs))
  }

  undo(): void {
    for (const signal of SIGNAL_NAMES) process.off(signal, this.#interrupt)
    process.off('uncaughtException', this.#onError)
    process.off('beforeExit', this.#onIdle)
    process.stdout.off('error', this.#onOutputError)
  }

  /** Nothing is left to do, though a promise of someone's may still be pending. */
  readonly #onIdle = () => void this.finish()

  readonly #interrupt = (signal: NodeJS.Signals) => {
    if (this.#isInterrupted) return this.#leave(signal)
    this.#isInterrupted = true
    void this.finish().then(() => this.#leave(signal))
  }

  /** Whoever leaves last ends the process: others, of ours too, may have something to finish. */
  #leave(signal: NodeJS.Signals): void {
    this.undo()
    if (process.listenerCount(signal) <= countCleaners()) endBySignal(signal)
  }

  /** A throw or a rejection that nobody caught. */
  #fail(error: unknown): void {
    if (hasOthers(process, 'uncaughtException')) return // they decide, as ever
    if (this.#isInterrupted && isOfClosing(error)) return
    void this.finish().then(() => {
      this.undo()
      if (process.listenerCount('uncaughtException') === 0) endByError(error)
    })
  }

  /** Whoever reads what we print has gone (`| head -1`): that is no error. */
  #failToPrint(error: Error): void {
    if (hasOthers(process.stdout, 'error')) return
    if ((error as { code?: unknown }).code !== 'EPIPE') throw error
    void this.finish().then(() => {
      this.undo()
      if (process.stdout.listenerCount('error') === 0) process.exit(BROKEN_PIPE)
    })
  }
}

const SIGNAL_NAMES = Object.keys(SIGNALS) as Signal[]

function ours<F extends (error: Error) => void>(listener: F): F {
  return Object.assign(listener, { [OURS]: true })
}

function hasOthers(emitter: NodeJS.EventEmitter, event: string): boolean {
  return emitter.listeners(event).some((listener) => !(OURS in listener))
}

/** Nobody but us has closed the managers, and the user has asked for the end. */
function isOfClosing(error: unknown): boolean {
  const { cause } = Object(error) as { cause?: unknown }
  return isTokenError(error, CLOSED) || isTokenError(cause, CLOSED)
}

const CLOSED: TokenError['code'] = 'ERR_MANAGER_CLOSED'

async function closeAll(closables: readonly Closable[], timeoutMs: number): Promise<void> {
  const closeEach = () => Promise.allSettled(closables.map(async (each) => each.close()))
  await withTimeout(closeEach, timeoutMs, () => new Error('timeout')).catch(() => undefined)
}

/** By the signal itself, so that a shell's loop ends too, as it would not after an exit code. */
function endBySignal(signal: NodeJS.Signals): void {
  try {
    process.kill(process.pid, signal)
  } catch {
    // Windows cannot send SIGHUP.
  }
  process.exit(128 + SIGNALS[signal as Signal]) // the first process of a container survives its own signal
}

/** As Node does: it prints the error and exits with 1. */
function endByError(error: unknown): void {
  setImmediate(() => {
    throw error
  })
}
