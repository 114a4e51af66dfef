import { readFileSync } from 'node:fs'
import { box, label, svg } from './svg.js'

/** A plot of figures that stand in a table of docs/benchmarks.md. */
interface Plot {
  readonly title: string
  /** The heading of the table. */
  readonly bench: string
  /** The rows' first column. */
  readonly figure: string
  /** Where the figure stands in the last column. */
  readonly value: RegExp
  readonly unit: string
}

const PLOTS: Record<string, Plot> = {
  'bench-expiry-tail': {
    title: 'The slowest 1 % of requests, with tokens of 2 s: p99, shorter is better',
    bench: 'expiry tail',
    figure: 'latency',
    value: /p99 ([\d.,]+) ms/,
    unit: 'ms',
  },
  'bench-sessions': {
    title: 'Memory of each of 10,000 sessions, shorter is better',
    bench: 'sessions',
    figure: 'each of 10,000',
    value: /^([\d.,]+) B/,
    unit: 'B',
  },
  'bench-contention': {
    title: 'Token requests of 16 processes that share one session, fewer is better',
    bench: 'contention',
    figure: '16 processes',
    value: /([\d.,]+) token requests/,
    unit: '',
  },
}

/** @returns a picture for each plot, by its name */
export function plots(): Record<string, string> {
  const page = readFileSync(new URL('../../docs/benchmarks.md', import.meta.url), 'utf8')
  return Object.fromEntries(
    Object.entries(PLOTS).map(([name, plot]) => [name, draw(plot.title, barsOf(page, plot), plot)]),
  )
}

interface Bar {
  readonly name: string
  readonly value: number
}

function barsOf(page: string, { bench, figure, value }: Plot): Bar[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${bench}\n`)) ?? ''
  const rows = [...section.matchAll(/^\| (.+?) +\| (.+?) +\| (.+?) +\|$/gm)]
  const bars = rows.flatMap(([, of, name = '', shown = '']) => {
    const [, found] = of === figure ? (value.exec(shown) ?? []) : []
    return found === undefined ? [] : [{ name, value: Number(found.replaceAll(',', '')) }]
  })
  if (bars.length < 2) throw new Error(`docs/benchmarks.md has no figures of "${bench}"`)
  return bars
}

const WIDTH = 640
const NAMES = 280
const ROW = 30
const LONGEST = WIDTH - NAMES - 90

function draw(title: string, bars: readonly Bar[], { unit }: Plot): string {
  const most = Math.max(...bars.map(({ value }) => value))
  const rows = bars.flatMap(({ name, value }, index) => {
    const y = 48 + index * ROW
    const isOurs = name.includes('tokenward')
    const width = Math.max(2, Math.round((value / most) * LONGEST))
    const shown = `${value.toLocaleString('en')}${unit && ` ${unit}`}`
    return [
      label(NAMES - 12, y + 15, name.replaceAll('*', ''), {
        kind: isOurs ? 'strong' : '',
        anchor: 'end',
      }),
      box(NAMES, y, width, 20, isOurs ? 'bar ours' : 'bar'),
      label(NAMES + width + 8, y + 15, shown, { kind: isOurs ? 'strong' : 'quiet' }),
    ]
  })
  return svg({
    width: WIDTH,
    height: 48 + bars.length * ROW + 10,
    title: `${title}: ${bars.map(({ name, value }) => `${name.replaceAll('*', '')} ${value}`).join(', ')}`,
    style: '\n.bar { fill: var(--line) }\n.ours { fill: var(--strong) }',
    body: [label(20, 28, title, { kind: 'title' }), ...rows],
  })
}
