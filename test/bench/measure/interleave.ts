import { ratiosOf, spreadOf, type Spread } from './spread.ts'

/** One round of a contender: takes a measurement, in any unit. Lower is better. */
export type Round = () => number | Promise<number>

export interface Measured {
  /** Each round's measurement divided by the floor's of the same round. */
  readonly ratio: Spread
  readonly value: Spread
}

/**
 * Measures contenders turn by turn, so that whatever the machine does meanwhile happens to all of
 * them alike. The order turns with each round; what comes first has no advantage.
 *
 * @param contenders - by name; the first is the floor that all are divided by
 * @param rounds - how many count; one more is made before them, to warm up
 */
export async function interleave<Name extends string>(
  contenders: Record<Name, Round>,
  rounds: number,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(contenders) as Name[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]]))
  for (let round = -1; round < rounds; round += 1) {
    const turn = (round + 1) % names.length
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const value = await contenders[name]()
      if (round >= 0) values[name]!.push(value)
    }
  }
  const floor = values[names[0]!]!
  const measured = names.map((name) => [
    name,
    { ratio: spreadOf(ratiosOf(values[name]!, floor)), value: spreadOf(values[name]!) },
  ])
  return Object.fromEntries(measured) as Record<Name, Measured>
}
