import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Act, Answer, Failure, Report, Setting } from './protocol.js'

/** A process of the CLI, and what it says. */
export class CliProcess {
  /** What its manager told, in order. */
  readonly events: string[] = []
  /** What went wrong at its work. */
  readonly failures: Failure[] = []
  readonly ready: Promise<void>
  /** When it is gone, by which exit code or signal. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #steps: string[] = []
  #onReport: (() => void)[] = []
  #isReady = false
  #asked = 0

  constructor(
    script: string,
    setting: Setting,
    flags: readonly string[] = [],
    runtime = process.execPath,
  ) {
    this.#child = spawn(runtime, [...flags, script], {
      env: { ...process.env, SETTING: JSON.stringify(setting) },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child.on('message', (report: Report) => this.#hear(report))
    this.ended = once(this.#child, 'exit').then(([code, signal]) => {
      for (const settle of this.#waiting.values()) settle({ error: GONE })
      this.#wake()
      return { code, signal }
    })
    this.ready = this.#until(() => this.#isReady)
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Never rejects: a process that dies meanwhile answers with the error `GONE`. */
  ask(act: Act, given?: unknown): Promise<Answer> {
    const id = ++this.#asked
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve))
    this.#child.send({ id, act, given }, (error) => {
      if (error) this.#waiting.get(id)?.({ error: GONE })
    })
    return answer.finally(() => this.#waiting.delete(id))
  }

  /** When it waits at the step that it was told to be held at. */
  held(): Promise<void> {
    return this.#until(() => this.#steps.length > 0)
  }

  /** When its manager has told of it. */
  told(event: string): Promise<void> {
    return this.#until(() => this.events.includes(event))
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** `kill -9`, also of a process that is stopped. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.ended
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error('The process ended before that')
      }
      await new Promise<void>((resolve) => this.#onReport.push(resolve))
    }
  }

  #hear(report: Report): void {
    if (report.kind === 'ready') this.#isReady = true
    if (report.kind === 'event') this.events.push(report.name)
    if (report.kind === 'failure') this.failures.push(report)
    if (report.kind === 'step') this.#steps.push(report.name)
    if (report.kind === 'answer') this.#waiting.get(report.id)?.(report)
    this.#wake()
  }

  #wake(): void {
    for (const wake of this.#onReport.splice(0)) wake()
  }
}

export const GONE = { code: 'GONE', message: 'The process is gone' }
