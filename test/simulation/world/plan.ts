import type { Decisions } from '../decisions.js'
import type { WorldOptions } from './options.js'

/** Something that happens in a run because its seed wants it. */
export type Happening =
  | 'get'
  | 'get long'
  | 'burst'
  | 'request'
  | 'refresh'
  | 'resource'
  | 'refused resource'
  | 'resource request'
  | 'get aborted'
  | 'read'
  | 'login'
  | 'other login'
  | 'login again'
  | 'logout'
  | 'kill'
  | 'restart'
  | 'freeze'
  | 'kill in request'
  | 'freeze in request'
  | 'freeze in save'
  | 'close'
  | 'store down'
  | 'set back'
  | 'empty'
  | 'lose lease'
  | 'server down'
  | 'API denies'
  | 'revoke access'
  | 'revoke session'
  | 'clock'

export interface Planned {
  readonly at: number
  readonly place: number
  readonly what: Happening
  readonly name: string
}

const EPISODES = 4
const IN_AN_EPISODE = 4

/** Weights; what is left of 100 is nothing at all. */
const USUAL: readonly (readonly [number, Happening])[] = [
  [16, 'get'],
  [8, 'burst'],
  [10, 'request'],
  [7, 'refresh'],
  [4, 'get long'],
  [4, 'resource'],
  [2, 'refused resource'],
  [1, 'read'],
  [4, 'login'],
  [3, 'logout'],
]

/** Last, so that it takes the place of nothing that a seed has decided. */
const ADDED: readonly (readonly [number, Happening])[] = [
  [4, 'resource request'],
  [3, 'get aborted'],
]

const DANGEROUS: Record<
  WorldOptions['dangers'][number],
  readonly (readonly [number, Happening])[]
> = {
  process: [
    [3, 'kill'],
    [5, 'restart'],
    [5, 'freeze'],
    [5, 'kill in request'],
    [6, 'freeze in request'],
    [3, 'freeze in save'],
    [1, 'close'],
  ],
  store: [
    [4, 'store down'],
    [6, 'set back'],
    [2, 'empty'],
    [1, 'lose lease'],
  ],
  server: [
    [3, 'server down'],
    [4, 'API denies'],
    [3, 'revoke access'],
    [1, 'revoke session'],
  ],
  clock: [[8, 'clock']],
  user: [
    [6, 'other login'],
    [3, 'login again'],
    [3, 'logout'],
  ],
}

/** What happens when: a few moments, close together or far apart, with much at once in each. */
export function decidePlan(decisions: Decisions, options: WorldOptions): Planned[] {
  const lifetimeMs = options.lifetimeS * 1_000
  const weights = [...USUAL, ...options.dangers.flatMap((danger) => DANGEROUS[danger]), ...ADDED]
  const shares = weights.map(([weight, what]) => [weight / 100, what] as const)
  const plan: Planned[] = []
  let beginsAt = 100
  for (let episode = 1; episode <= EPISODES; episode++) {
    beginsAt += decisions.weighted(`pause before ${episode}`, 50, [
      [0.15, 1_200],
      [0.1, 6_000],
      [0.1, 12_000],
      [0.12, Math.round(0.9 * lifetimeMs)],
      [0.08, Math.round(0.94 * lifetimeMs)],
      [0.25, lifetimeMs + 10],
    ])
    for (let index = 1; index <= IN_AN_EPISODE; index++) {
      const name = `happening ${episode}.${index}`
      const what = decisions.weighted<Happening | undefined>(name, undefined, shares)
      if (!what) continue
      const range = decisions.weighted(`range of ${name}`, 0, [
        [0.35, 12],
        [0.2, 400],
        [0.2, 12_000],
      ])
      const at = beginsAt + decisions.between(`moment of ${name}`, 0, range)
      const place = decisions.between(`place of ${name}`, 1, options.places)
      plan.push({ at, place, what, name })
    }
  }
  return plan
}
