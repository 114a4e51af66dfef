/** Turns the seed and a decision's name into a number from 0 to 1: the same today and next year. */
function hash(seed: number, name: string): number {
  let state = 0x811c9dc5 ^ seed
  for (let index = 0; index < name.length; index++) {
    state = Math.imul(state ^ name.charCodeAt(index), 0x01000193)
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32
}

/**
 * All that chance decides in a run. A decision has a name and a plain outcome (nothing happens, the
 * response comes at once); what it is instead follows from the seed and the name alone. So a run is
 * given by its seed and the names of the decisions that may be other than plain, and it is made
 * shorter by taking names away.
 */
export class Decisions {
  readonly seed: number
  /** The decisions that were not plain, in the order in which they were made. */
  readonly taken: string[] = []
  readonly #allowed: ReadonlySet<string> | undefined
  readonly #counts = new Map<string, number>()
  #isCalm = false

  /** @param allowed - all others are plain; `undefined`: every decision is the seed's */
  constructor(seed: number, allowed?: ReadonlySet<string>) {
    this.seed = seed
    this.#allowed = allowed
  }

  /** From now on nothing goes wrong any more. */
  calmDown(): void {
    this.#isCalm = true
  }

  /** The name of the next decision of its kind: `save by 1 #3`. */
  next(kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    return `${kind} #${count}`
  }

  /** One of them, each with its share of 1; the plain outcome has what is left. */
  weighted<T>(name: string, plain: T, others: readonly (readonly [number, T])[]): T {
    if (this.#isCalm || (this.#allowed && !this.#allowed.has(name))) return plain
    let rest = hash(this.seed, name)
    for (const [share, outcome] of others) {
      rest -= share
      if (rest < 0) {
        this.taken.push(name)
        return outcome
      }
    }
    return plain
  }

  /** One of them, all alike; the first is the plain one. */
  oneOf<T>(name: string, outcomes: readonly [T, ...T[]]): T {
    const [plain, ...others] = outcomes
    const share = 1 / outcomes.length
    return this.weighted(
      name,
      plain,
      others.map((outcome) => [share, outcome] as const),
    )
  }

  isSo(name: string, share: number): boolean {
    return this.weighted(name, false, [[share, true]])
  }

  /** A whole number; the lowest is the plain one. */
  between(name: string, from: number, to: number): number {
    const value = from + Math.floor(hash(this.seed, `${name} amount`) * (to - from + 1))
    return value === from ? from : this.weighted(name, from, [[1, value]])
  }

  /** Random numbers that nobody needs to be plain: identifiers, jitter. */
  stream(name: string): () => number {
    let count = 0
    return () => hash(this.seed, `${name} ${++count}`)
  }
}
