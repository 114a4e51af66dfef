import { delay } from '../../clock.js'
import type { StoredSession, TokenStore } from '../../stores/token-store.js'
import { withTimeout } from '../../wait.js'

/**
 * Gives a store on the backend of that name: the same name, the same record, also from two calls;
 * a name never heard of, nothing stored.
 *
 * @public
 */
export type MakeStore = (backend: string) => TokenStore | Promise<TokenStore>

/** One promise of the contract. */
export interface Check {
  readonly promise: string
  /** Rejects, saying what is wrong, if the promise is not kept. */
  readonly run: (stores: Stores) => Promise<void>
}

/** The stores of one check: each call another one, all on one backend that nobody else has. */
export type Stores = () => Promise<TokenStore>

/** Longer than any sound store takes for one thing, shorter than a test runner's patience. */
const LONGEST_MS = 4_000
/** Long enough for a store that polls to come in where it should not. */
const A_WHILE_MS = 150

/** @throws Error with the message, where the condition does not hold */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

/** @throws Error if what was loaded is not what was saved */
export function assertSame(
  loaded: StoredSession | undefined,
  saved: StoredSession | undefined,
  when: string,
): void {
  const isSame = canonical(loaded) === canonical(saved)
  assert(isSame, `load() ${when}: ${shown(saved)} wanted, got ${shown(loaded)}`)
}

/** A store that does not respond fails its check, and does not hang it. */
export function soon<T>(what: string, doing: Promise<T>): Promise<T> {
  const late = () => new Error(`${what}: not done after ${LONGEST_MS} ms`)
  return withTimeout(() => doing, LONGEST_MS, late)
}

export function aWhile(): Promise<void> {
  return delay(A_WHILE_MS)
}

export async function saved(
  store: TokenStore,
  session: StoredSession,
  ifVersion: number | undefined,
): Promise<boolean> {
  const answer: unknown = await soon('save()', store.save(session, { ifVersion }))
  assert(typeof answer === 'boolean', `save() must resolve to a boolean, got ${typeof answer}`)
  return answer
}

export function loaded(store: TokenStore): Promise<StoredSession | undefined> {
  return soon('load()', store.load())
}

/** Whatever the order of the fields: databases do not keep it. */
export function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** Long ones are cut: the difference is rarely in the middle of a token. */
function shown(session: StoredSession | undefined): string {
  const text = canonical(session) ?? 'undefined'
  return text.length <= 300 ? text : `${text.slice(0, 300)}... (${text.length} characters)`
}
