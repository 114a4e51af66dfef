import { arrow, box, label, svg } from './svg.js'

const WIDTH = 600
const CALLERS = ['100 requests', 'a timer', 'a 401', 'another process']
const STEPS: readonly [text: string, with_: 'store' | 'server', note: string][] = [
  ['take the lease', 'store', 'nobody else may refresh now'],
  ['read the record', 'store', 'newer tokens? send nothing'],
  ['write the spend mark', 'store', 'a crash from here on leaves a note'],
  ['send the refresh token', 'server', 'once'],
  ['save the new tokens', 'store', 'before anyone gets them'],
  ['release the lease', 'store', ''],
]

const ROW = 34
const TOP = 128

/** The one refresh, from everyone who needs a token to everyone who gets the new one. */
export function oneRefresh(): string {
  const bottom = TOP + STEPS.length * ROW + 8
  const callers = CALLERS.flatMap((name, index) => {
    const x = 20 + index * 142
    return [
      box(x, 20, 134, 36),
      label(x + 67, 43, name, { anchor: 'middle' }),
      arrow(`M${x + 67} 58 C${x + 67} 80 ${WIDTH / 2} 66 ${WIDTH / 2} 90`),
    ]
  })
  const steps = STEPS.flatMap(([text, partner, note], index) => {
    const y = TOP + index * ROW + 16
    return [
      label(40, y, String(index + 1), { kind: 'strong' }),
      label(60, y, text),
      label(238, y, partner, { kind: partner === 'server' ? 'strong' : 'quiet' }),
      label(300, y, note, { kind: 'quiet' }),
    ]
  })
  return svg({
    width: WIDTH,
    height: bottom + 92,
    title: `Requests, a timer, a 401 and another process join one refresh: ${STEPS.map(([text]) => text).join(', ')}. All of them go on with the new token.`,
    body: [
      ...callers,
      box(20, 94, WIDTH - 40, bottom - 94, 'main'),
      label(WIDTH / 2, 116, 'one refresh', { kind: 'strong', anchor: 'middle' }),
      ...steps,
      arrow(`M${WIDTH / 2} ${bottom + 2} V${bottom + 34}`),
      box(110, bottom + 38, WIDTH - 220, 36),
      label(WIDTH / 2, bottom + 61, 'all of them go on with the new token', { anchor: 'middle' }),
    ],
  })
}
