import { type Goal, isMet, round, type Row } from '../row.ts'

/** A row for a terminal: our figures against their goals, then everybody's. */
export function toLines({ name, how, goals, figures }: Row): string[] {
  const width = Math.max(...figures.map(({ contender }) => contender.length))
  const subjects = [...new Set(figures.map(({ of }) => of))]
  return [
    `${name}: ${how}`,
    ...goals.map(
      (goal) =>
        `  ${isMet(goal) ? 'met   ' : 'MISSED'} ${goal.of}: ${oursOf(goal)} (goal ${wantedOf(goal)})`,
    ),
    ...subjects.flatMap((subject) => [
      `  ${subject}`,
      ...figures
        .filter(({ of }) => of === subject)
        .map(({ contender, shown }) => `    ${contender.padEnd(width)}  ${shown}`),
    ]),
  ]
}

export function oursOf({ ours, unit }: Goal): string {
  return `${round(ours)} ${unit}`.trim()
}

export function wantedOf({ atMost, atLeast, unit }: Goal): string {
  const limit = atMost === undefined ? `≥ ${round(atLeast!)}` : `≤ ${round(atMost)}`
  return `${limit} ${unit}`.trim()
}
