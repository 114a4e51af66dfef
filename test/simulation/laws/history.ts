import type { StoredSession } from '../../../src/index.js'
import type { SimulatedProcess } from '../world/process.js'
import type { Act, Family, RefreshToken, TokenRequest } from '../world/server.js'
import type { World } from '../world/world.js'

/** What one process has seen. */
export interface Knowledge {
  /** The highest generation of refresh token, by session. */
  readonly generations: Map<Family, number>
  /** Logins and logouts that it made itself or acted upon, and since which step. */
  readonly acts: Map<Act, number>
  /** What the store showed last. */
  shown: Act | undefined
  shownSessionId: string | undefined
  /** The login whose record was gone when the process looked, and since which step. */
  gone: { readonly act: Act; readonly since: number } | undefined
  /** All that the store ever showed, and with each login or logout of its own what it had seen. */
  readonly seen: Set<Act>
  hasSeenStore: boolean
  /** Those of its logins and logouts before which it had read the store. */
  readonly sawStoreBefore: Set<Act>
  /** The sessions that have ended here, and the login that each was of. */
  readonly ended: Map<Family, Act>
  /** When a caller last asked for another token, whatever its state. */
  askedAt: number
  /** Whether a user is handing in once more what it holds. */
  isHandingIn: boolean
  /** When the token ends that it got last. */
  tokenExpiresAt: number | undefined
  /** Failed or hung saves since the last that worked. */
  failedSaves: number
  toldSaveFailed: boolean
  /** When something of the store last failed it. */
  storeFaultAt: number
}

/** What happened in a world, and what follows from it: what each process can know. */
export class History {
  /** Logins and logouts, in the order in which they were made. */
  readonly acts: Act[] = []
  /** Saved at some time, and when first. */
  readonly savedAt = new Map<string, number>()
  readonly rejectedRefreshes: {
    readonly at: number
    readonly family: Family
    readonly place: SimulatedProcess | undefined
  }[] = []
  readonly world: World
  readonly #knowledge = new Map<SimulatedProcess, Knowledge>()
  /** Whose sign-out or end a record without tokens is, by version. */
  readonly #actOfVersion = new Map<number, Act | undefined>()

  constructor(world: World) {
    this.world = world
  }

  /** Logins and logouts that no later one has replaced: one, unless two were made at once. */
  actsInForce(): Act[] {
    return this.acts.filter((act) => !this.acts.some((other) => isLater(other, act)))
  }

  knows(process: SimulatedProcess): Knowledge {
    let knowledge = this.#knowledge.get(process)
    if (!knowledge) {
      knowledge = {
        generations: new Map(),
        acts: new Map(),
        shown: undefined,
        shownSessionId: undefined,
        gone: undefined,
        seen: new Set(),
        hasSeenStore: false,
        sawStoreBefore: new Set(),
        ended: new Map(),
        askedAt: -Infinity,
        isHandingIn: false,
        tokenExpiresAt: undefined,
        failedSaves: 0,
        toldSaveFailed: false,
        storeFaultAt: -Infinity,
      }
      this.#knowledge.set(process, knowledge)
    }
    return knowledge
  }

  /** When a successor of this generation was first saved. */
  firstSaved(family: Family, generation: number): number | undefined {
    for (const token of this.world.server.refreshTokens.values()) {
      if (token.family !== family || token.generation <= generation) continue
      const at = this.savedAt.get(token.value)
      if (at !== undefined) return at
    }
    return undefined
  }

  /** An end that a release before this one wrote says no reason: it reads as a logout. */
  isEndOfOldRelease(): boolean {
    const { record } = this.world.store
    return this.world.options.oldPlace > 0 && record?.tokens === null && !record.ended
  }

  /** Whether the store says so. */
  isStored(act: Act): boolean {
    const { record } = this.world.store
    return record !== undefined && this.actOf(record) === act
  }

  /** Whether anybody could still renew it: its refresh token is in the store, or known to a living process. */
  isReachable(family: Family): boolean {
    if (family.revokedBy) return false
    const { generation, value } = family.current
    if (this.world.store.record?.tokens?.refreshToken === value) return true
    return [...this.#knowledge].some(
      ([{ state }, { generations }]) => state !== 'dead' && generations.get(family) === generation,
    )
  }

  /** Whether a login or logout has taken the session's place, or is about to. */
  isSuperseded(family: Family): boolean {
    return this.acts.some((act) => act !== family.act && act.settledAt > family.act.calledAt)
  }

  underWayIn(process: SimulatedProcess): Act[] {
    return this.acts.filter(({ by, settledAt }) => by === process && settledAt === Infinity)
  }

  /** A session is in force in the process once more. */
  beginsAgain(process: SimulatedProcess, begun: Act): void {
    const { ended } = this.knows(process)
    for (const [family, act] of ended) if (act === begun) ended.delete(family)
  }

  knowsOf(process: SimulatedProcess, act: Act): void {
    const { acts } = this.knows(process)
    if (!acts.has(act)) acts.set(act, this.world.step)
  }

  /**
   * The store forgot something, and one and the same refresh token was handed in by several logins,
   * or a release that does not know what a record descends from wrote some: nobody can tell what
   * came after what.
   */
  isBeyondTelling(...records: (StoredSession | undefined)[]): boolean {
    if (this.world.store.setBackAt === -Infinity) return false
    if (this.world.options.oldPlace > 0) return true
    const wasHandedIn = (record: StoredSession | undefined) =>
      this.refreshTokenOf(record)?.family.wasHandedInAgain === true
    return this.world.options.sharesGrant || records.some(wasHandedIn)
  }

  /**
   * Whether it can be told that the one came later: whoever made it had seen the other. Two that knew
   * nothing of each other are as good as made at once, once the store forgot one, or where the later
   * could not be saved.
   */
  isNews(later: Act, earlier: Act): boolean {
    if (later.replaced.has(earlier)) return true
    const isForgotten = this.world.store.setBackAt > -Infinity
    return !isForgotten && later.savedAt < Infinity
  }

  learn(process: SimulatedProcess, family: Family, generation: number): void {
    const { generations } = this.knows(process)
    generations.set(family, Math.max(generations.get(family) ?? 0, generation))
  }

  /** A record without tokens: whose logout, or which session's end. */
  nameEnd(process: SimulatedProcess, before: StoredSession | undefined, now: StoredSession): void {
    if (now.tokens) return
    // Its own, or another's that it has seen and now says once more.
    const { acts, seen } = this.knows(process)
    const known = [...acts.keys(), ...[...seen].filter(({ what }) => what === 'logout')]
    const logout = known
      .filter(({ what }) => what === 'logout')
      .sort(byCall)
      .at(-1)
    const isEnd = now.ended?.reason === 'invalid-grant'
    const isLogout = !isEnd && logout && !known.some((act) => isLater(act, logout))
    this.#actOfVersion.set(now.version, isLogout ? logout : before && this.actOf(before))
  }

  actOf(record: StoredSession): Act | undefined {
    if (!record.tokens) return this.#actOfVersion.get(record.version)
    return this.world.server.familyOfSet(record.tokens)?.act
  }

  refreshTokenOf(record: StoredSession | undefined): RefreshToken | undefined {
    const value = record?.tokens?.refreshToken
    return value === undefined ? undefined : this.world.server.refreshTokens.get(value)
  }
}

const byCall = (one: Act, other: Act) => one.calledAt - other.calledAt

/**
 * Whether one act was begun after the other had ended. One that could neither be saved nor see what
 * it replaced does not count: a login or logout found in the store wins (law 3).
 */
export function isLater(one: Act, other: Act): boolean {
  return one.counts && one.calledAt > other.settledAt
}

export function isOpen(request: TokenRequest): boolean {
  return request.outcome === 'unknown' || request.outcome === 'under way'
}
