import { LAWS } from './laws/statements.js'
import type { Result } from './run.js'

/** A failed run as somebody would tell it who was there. */
export function tell({ seed, broken, taken, lines }: Result): string {
  const told = lines.map(({ at, text }) => `  ${(at / 1_000).toFixed(3).padStart(9)} s  ${text}`)
  const head = broken
    ? [`Seed ${seed} breaks law ${broken.law}: ${LAWS[broken.law]}`, `  ${broken.what}`]
    : [`Seed ${seed} keeps the laws.`]
  return [
    ...head,
    '',
    ...told,
    '',
    `What was not plain (${taken.length}): ${taken.join(', ')}`,
  ].join('\n')
}
