import { escape, svg } from './svg.js'

/** A line of a program's output, and when it was written. */
export interface Line {
  readonly atMs: number
  readonly text: string
}

const ROWS = 18
const ROW = 19
const CHARACTER = 7.25
const MARGIN = 16
/** Nobody watches a program that waits, and nobody reads ten lines at once. */
const LONGEST_PAUSE_MS = 1_000
const SHORTEST_PAUSE_MS = 200
const END_MS = 6_000

const KINDS: readonly [kind: string, pattern: RegExp][] = [
  ['title', /^(tokenward:|[a-z] {2}\S)/],
  ['good', /^(ok |All figures)/],
  ['bad', /^!!/],
  ['strong', /^\$ /],
]

/** A terminal that shows lines as they came, again and again. Where motion is unwanted: the end. */
export function terminal(title: string, lines: readonly Line[]): string {
  const columns = Math.max(...lines.map(({ text }) => text.length))
  const at = instants(lines)
  const duration = (at.at(-1) ?? 0) + END_MS
  const shifts = at.map((ms, index) => {
    const percent = ((ms / duration) * 100).toFixed(2)
    return `${percent}% { transform: translateY(${(ROWS - index - 1) * ROW}px) }`
  })
  const end = `translateY(${(ROWS - lines.length) * ROW}px)`
  const width = Math.ceil(columns * CHARACTER) + 2 * MARGIN
  const height = ROWS * ROW + 2 * MARGIN
  return svg({
    width,
    height,
    title,
    style: `
.screen text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
.screen .title { font-weight: 700 }
.screen { transform: ${end}; animation: play ${(duration / 1000).toFixed(1)}s step-end infinite }
@keyframes play {
0% { transform: translateY(${ROWS * ROW}px) }
${shifts.join('\n')}
100% { transform: ${end} }
}
@media (prefers-reduced-motion: reduce) { .screen { animation: none } }`,
    body: [
      `<svg x="${MARGIN}" y="${MARGIN}" width="${width - 2 * MARGIN}" height="${ROWS * ROW}"><g class="screen">`,
      ...lines.flatMap(({ text }, index) => line(text, index)),
      '</g></svg>',
    ],
  })
}

function line(text: string, index: number): string[] {
  if (text === '') return []
  const kind = KINDS.find(([, pattern]) => pattern.test(text))?.[0]
  const [, time = '', rest = text] = /^( *\d+\.\d\d s)(.*)$/.exec(text) ?? []
  const shown = time ? `<tspan class="quiet">${time}</tspan>${escape(rest)}` : escape(text)
  const y = index * ROW + 14
  return [`<text y="${y}"${kind ? ` class="${kind}"` : ''} xml:space="preserve">${shown}</text>`]
}

function instants(lines: readonly Line[]): number[] {
  let now = 0
  return lines.map(({ atMs }, index) => {
    const pauseMs = atMs - (lines[index - 1]?.atMs ?? atMs)
    now += Math.min(Math.max(pauseMs, SHORTEST_PAUSE_MS), LONGEST_PAUSE_MS)
    return now
  })
}
