import { createMutex } from '../stores/mutex.js'

/**
 * Logins and logouts, written one after another. While one is being written nobody can tell whether
 * what the store holds came before it or after: whoever would take over what is found there waits.
 *
 * @internal
 */
export class WriteQueue {
  readonly #oneAtATime = createMutex()
  #pending = 0

  get isPending(): boolean {
    return this.#pending > 0
  }

  async run<T>(write: () => Promise<T>): Promise<T> {
    this.#pending += 1
    try {
      return await this.#oneAtATime(write)
    } finally {
      this.#pending -= 1
    }
  }

  /** When none is being written. */
  async idle(): Promise<void> {
    while (this.isPending) await this.#oneAtATime(() => Promise.resolve())
  }
}
