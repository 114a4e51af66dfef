import { arrow, box, label, svg } from './svg.js'

const WIDTH = 640
const ONE = 110
const STORE = 330
const TWO = 540
const TOP = 76
const ROW = 40

type Move = readonly [atMs: string, from: number, to: number, text: string, kind?: string]

/** Two processes that need a new token at the same moment, and the store between them. */
const MOVES: readonly Move[] = [
  ['1 ms', ONE, STORE, 'takes the lease'],
  ['2 ms', TWO, STORE, 'leased: waits'],
  ['3 ms', ONE, STORE, 'R1 is being spent'],
  ['4 ms', ONE, ONE, 'sends R1, once', 'strong'],
  ['90 ms', ONE, ONE, 'receives A2 and R2', 'strong'],
  ['92 ms', ONE, STORE, 'saves A2, R2'],
  ['92 ms', STORE, TWO, 'finds A2: sends nothing', 'good'],
  ['93 ms', ONE, STORE, 'releases the lease'],
]

export function race(): string {
  const bottom = TOP + MOVES.length * ROW + 12
  const lanes = [
    [ONE, 'process 1'],
    [STORE, 'the store'],
    [TWO, 'process 2'],
  ] as const
  return svg({
    width: WIDTH,
    height: bottom + 12,
    title: `Two processes need a new token at the same moment. ${MOVES.map(([at, from, , text]) => `${at}: ${lanes.find(([x]) => x === from)?.[1]}: ${text}`).join('; ')}`,
    body: [
      ...lanes.flatMap(([x, name]) => [
        box(x - 60, 16, 120, 34),
        label(x, 38, name, { kind: 'title', anchor: 'middle' }),
        `<path class="rule" d="M${x} 52 V${bottom}"/>`,
      ]),
      ...MOVES.flatMap((move, index) => draw(move, TOP + index * ROW + 14)),
    ],
  })
}

function draw([at, from, to, text, kind = '']: Move, y: number): string[] {
  const time = label(12, y + 4, at, { kind: 'quiet' })
  if (from === to) {
    return [
      time,
      `<circle cx="${from}" cy="${y}" r="4" fill="var(--strong)"/>`,
      label(from + 12, y + 4, text, { kind }),
    ]
  }
  const middle = (from + to) / 2
  const ends = from < to ? [from + 4, to - 4] : [from - 4, to + 4]
  return [
    time,
    label(middle, y - 6, text, { kind, anchor: 'middle' }),
    arrow(`M${ends[0]} ${y} H${ends[1]}`),
  ]
}
