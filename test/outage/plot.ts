import type { OutageResult, Second } from './outage.ts'

/** One of the two that are compared. */
export interface Panel {
  readonly title: string
  readonly result: OutageResult
}

const WIDTH = 760
const LEFT = 56
const GAP = 40
const PANEL = (WIDTH - LEFT - GAP - 12) / 2
const HEIGHT = 150
const TOPS = [64, 264]
const BUCKET = 5

const REQUESTS = [
  ['succeeded', 'succeeded'],
  ['too-many', 'more than it allows (429)'],
  ['down', 'sent while it was down (503)'],
] as const
const USERS = [
  ['refused', 'got an error'],
  ['waited', 'waited for more than a second'],
] as const

/**
 * Token requests a second, and users who got an error or waited, over time, side by side on one
 * scale.
 */
export function plotOutage(panels: readonly Panel[], down: readonly [number, number]): string {
  const rows = [
    { title: 'Token requests a second', legend: REQUESTS, stack: requestsOf },
    { title: 'Users a second', legend: USERS, stack: usersOf },
  ]
  const parts = rows.flatMap(({ title, legend, stack }, row) => {
    const buckets = panels.map(({ result }) => bucketsOf(result.seconds, stack))
    const most = niceTop(Math.max(...buckets.flat().map((bucket) => sum(bucket))))
    const top = TOPS[row]!
    return [
      text(LEFT, top - 12, title, 'bold'),
      ...legendOf(legend, top - 12),
      axis(top, most),
      ...buckets.flatMap((bars, column) => [
        band(column, top, down, panels[column]!.result.seconds.length),
        ...barsOf(bars, column, top, most, legend),
        timeAxis(column, top, panels[column]!.result.seconds.length),
      ]),
    ]
  })
  const titles = panels.map(({ title }, column) => text(leftOf(column), 22, title, 'bold large'))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 446" role="img" aria-label="Token requests and waiting users during an outage, without and with a pool">
<style>
text { font: 11px system-ui, sans-serif; fill: #57606a }
.bold { font-weight: 600 } .large { font-size: 14px; fill: #24292f }
.succeeded { fill: #2da44e } .too-many { fill: #d4a72c } .down { fill: #cf222e }
.refused { fill: #cf222e } .waited { fill: #0969da } .band { fill: #8c959f; opacity: 0.18 }
line { stroke: #8c959f; stroke-width: 0.6 }
@media (prefers-color-scheme: dark) { text { fill: #9198a1 } .large { fill: #f0f6fc } }
</style>
${[...titles, ...parts].join('\n')}
</svg>
`
}

/** The numbers of each bar, from the bottom up. */
type Stack = (second: Second) => readonly number[]

const requestsOf: Stack = ({ succeeded, tooMany, whileDown }) => [succeeded, tooMany, whileDown]
const usersOf: Stack = ({ usersRefused, usersWaited }) => [usersRefused, usersWaited]

function bucketsOf(seconds: readonly Second[], stack: Stack): number[][] {
  const buckets: number[][] = []
  for (let at = 0; at < seconds.length; at += BUCKET) {
    const stacks = seconds.slice(at, at + BUCKET).map(stack)
    buckets.push(stacks[0]!.map((_, part) => sum(stacks.map((s) => s[part]!)) / stacks.length))
  }
  return buckets
}

function barsOf(
  bars: readonly number[][],
  column: number,
  top: number,
  most: number,
  legend: readonly (readonly [string, string])[],
): string[] {
  const width = PANEL / bars.length
  return bars.flatMap((bar, index) => {
    let bottom = top + HEIGHT
    return bar.map((value, part) => {
      const height = (value / most) * HEIGHT
      bottom -= height
      const x = leftOf(column) + index * width
      return height < 0.05
        ? ''
        : rect(x, bottom, Math.max(width - 0.5, 0.5), height, legend[part]![0])
    })
  })
}

function legendOf(legend: readonly (readonly [string, string])[], y: number): string[] {
  let x = LEFT + 160
  return legend.flatMap(([name, label]) => {
    const at = x
    x += 26 + label.length * 5.6
    return [rect(at, y - 9, 10, 10, name), text(at + 14, y, label)]
  })
}

function axis(top: number, most: number): string {
  return [0, 0.5, 1]
    .map((share) => {
      const y = top + HEIGHT * (1 - share)
      const value = Math.round(most * share).toLocaleString('en')
      return `<line x1="${LEFT}" x2="${WIDTH - 12}" y1="${y}" y2="${y}"/><text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${value}</text>`
    })
    .join('')
}

function timeAxis(column: number, top: number, seconds: number): string {
  const labels: string[] = []
  for (let at = 0; at <= seconds; at += 120) {
    const x = leftOf(column) + (at / seconds) * PANEL
    labels.push(
      `<text x="${fixed(x)}" y="${top + HEIGHT + 16}" text-anchor="middle">${at / 60} min</text>`,
    )
  }
  return labels.join('')
}

function band(column: number, top: number, [from, until]: readonly [number, number], all: number) {
  const x = leftOf(column) + (from / 1_000 / all) * PANEL
  return rect(x, top, ((until - from) / 1_000 / all) * PANEL, HEIGHT, 'band')
}

function leftOf(column: number): number {
  return LEFT + column * (PANEL + GAP)
}

/** 1, 2 or 5 and zeros. */
function niceTop(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(value, 1)))
  return [1, 2, 5, 10].find((factor) => factor * unit >= value)! * unit
}

function rect(x: number, y: number, width: number, height: number, name: string): string {
  return `<rect class="${name}" x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}"/>`
}

function text(x: number, y: number, content: string, name = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" class="${name}">${content}</text>`
}

function fixed(value: number): string {
  return value.toFixed(1)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
