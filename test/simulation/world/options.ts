import type { Decisions } from '../decisions.js'

/** What a world is like, as its seed decides. The first of each list is the plain one. */
export interface WorldOptions {
  readonly places: number
  readonly lifetimeS: number
  /** Whether the API refuses a token when half of the lifetime is over that the server named. */
  readonly livesShorter: boolean
  /** What becomes of the refresh token that is spent. */
  readonly rotation: 'rotates' | 'rotates-with-grace' | 'keeps'
  /** Where logins of one user get one and the same refresh token (only where it is kept). */
  readonly sharesGrant: boolean
  /** Whether a spent refresh token, presented again, revokes all that descends from its login. */
  readonly detectsReuse: boolean
  /** What keeps two processes from spending at once: a lease with a term, a lock of the kernel. */
  readonly lease: 'term' | 'lock' | 'none'
  /** Whether the user's `refresh` goes on although its signal was aborted. */
  readonly ignoresSignal: boolean
  readonly keepFresh: boolean
  /** Whether anything is done behind a call: not where a process is frozen after each response. */
  readonly background: boolean
  /** Whether the store holds access tokens, too. */
  readonly keepsAll: boolean
  /** Whether the server says how long an access token lives. */
  readonly saysLifetime: boolean
  readonly recheckMs: number | undefined
  readonly revokes: boolean
  /** The place whose process writes records as releases before this one did; 0: none. */
  readonly oldPlace: number
  /** Whether a sleeping machine's monotonic clock stands still. */
  readonly clockStands: boolean
  /** How often a store's operation, or a token request, goes wrong. */
  readonly storeFaults: number
  readonly serverFaults: number
  /** The longest that a message usually takes. */
  readonly slownessMs: number
  /** What may happen besides the users' calls. */
  readonly dangers: readonly Danger[]
}

export type Danger = 'process' | 'store' | 'server' | 'clock' | 'user'

export const GRACE_MS = 30_000

export function decideWorld(decisions: Decisions): WorldOptions {
  const rotation = decisions.weighted<WorldOptions['rotation']>('world: rotation', 'rotates', [
    [0.2, 'rotates-with-grace'],
    [0.2, 'keeps'],
  ])
  const lease = decisions.weighted<WorldOptions['lease']>('world: lease', 'term', [
    [0.25, 'lock'],
    [0.1, 'none'],
  ])
  const places =
    lease === 'none'
      ? 1
      : decisions.weighted('world: processes', 2, [
          [0.15, 1],
          [0.25, 3],
          [0.1, 5],
        ])
  const dangers = (['process', 'store', 'server', 'clock', 'user'] as const).filter((danger) =>
    decisions.isSo(`world: danger ${danger}`, danger === 'clock' ? 0.15 : 0.45),
  )
  const background = !decisions.isSo('world: nothing in the background', 0.12)
  const saysLifetime = !decisions.isSo('world: no lifetimes', 0.06)
  const livesShorter = decisions.isSo('world: tokens live shorter', 0.06)
  const keepsAll = !decisions.isSo('world: stores only refresh tokens', 0.06)
  return {
    places,
    background,
    keepsAll,
    livesShorter,
    saysLifetime,
    rotation,
    lease,
    dangers,
    lifetimeS: decisions.weighted('world: lifetime', 60, [
      [0.15, 6],
      [0.2, 600],
      [0.15, 3_600],
    ]),
    sharesGrant: rotation === 'keeps' && decisions.isSo('world: one grant', 0.5),
    detectsReuse: !decisions.isSo('world: no reuse detection', 0.2),
    ignoresSignal: decisions.isSo('world: ignores signal', 0.15),
    keepFresh: decisions.isSo('world: keepFresh', 0.2) && background && saysLifetime,
    recheckMs: decisions.weighted('world: recheckMs', undefined, [[0.3, 5_000]]),
    revokes: decisions.isSo('world: revokes', 0.5),
    oldPlace: decisions.weighted('world: old release', 0, [[0.08, places]]),
    clockStands: decisions.isSo('world: clock stands', 0.3),
    storeFaults: decisions.weighted('world: store faults', 0, [
      [0.25, 0.04],
      [0.1, 0.2],
    ]),
    serverFaults: decisions.weighted('world: server faults', 0, [
      [0.25, 0.1],
      [0.15, 0.4],
    ]),
    slownessMs: decisions.weighted('world: slowness', 3, [
      [0.3, 30],
      [0.1, 600],
    ]),
  }
}
