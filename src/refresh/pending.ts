/**
 * Work that nobody waits for, and that must be over before a manager is closed.
 *
 * @internal
 */
export class Pending {
  readonly #works = new Set<Promise<unknown>>()

  track<T>(work: Promise<T>): Promise<T> {
    const settled = work.catch(() => undefined)
    this.#works.add(settled)
    void settled.then(() => this.#works.delete(settled))
    return work
  }

  /** When nothing is pending any more. */
  async over(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works)
  }
}
