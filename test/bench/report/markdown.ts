import { isMet, OURS, type Row } from '../row.ts'
import { oursOf, wantedOf } from './lines.ts'
import type { Versions } from './versions.ts'
import { REMARKS } from './remarks.ts'

/** `docs/benchmarks.md`: the goals, what we lose, then everybody's figures. */
export function toMarkdown(rows: readonly Row[], { machine, packages, date }: Versions): string {
  return [
    '# Benchmarks',
    '',
    '<!-- Written by `npm run bench`: change test/bench, not this file. -->',
    '',
    `One run of \`npm run bench\`, ${date}, on ${machine}. Contenders take turns in the same run; a ratio is of measurements of the same round, given as its median (min to max). Absolute times say more about the machine than about the code.`,
    '',
    '| bench | figure | goal | tokenward | |',
    '| --- | --- | --- | --- | --- |',
    ...rows.flatMap(({ name, goals }) =>
      goals.map(
        (goal) =>
          `| ${name} | ${goal.of} | ${wantedOf(goal)} | ${oursOf(goal)} | ${isMet(goal) ? 'met' : '**missed**'} |`,
      ),
    ),
    '',
    ...rows.flatMap(section),
    '## Versions',
    '',
    ...packages.map(({ name, version, note }) => `- ${name} ${version}${note ? `: ${note}` : ''}`),
    '',
  ].join('\n')
}

function section({ name, how, goals, figures }: Row): string[] {
  const remark = REMARKS[name]
  const isMissed = goals.some((goal) => !isMet(goal))
  return [
    `## ${name}`,
    '',
    `${how[0]!.toUpperCase()}${how.slice(1)}.`,
    '',
    ...(remark?.picture ? [remark.picture, ''] : []),
    ...(remark?.always ? [remark.always, ''] : []),
    ...(isMissed && remark?.missed ? [`What stands in the way: ${remark.missed}`, ''] : []),
    '| figure | contender | |',
    '| --- | --- | --- |',
    ...figures.map(
      ({ of, contender, shown }) =>
        `| ${of} | ${contender === OURS ? `**${OURS}**` : contender} | ${shown} |`,
    ),
    '',
  ]
}
