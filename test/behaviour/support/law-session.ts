import { afterEach, beforeEach, vi } from 'vitest'
import {
  isTokenError,
  type RefreshContext,
  type StoredSession,
  type TokenError,
  TokenManager,
  type TokenEvents,
  type TokenInput,
  type TokenManagerOptions,
  type TokenStore,
} from 'tokenward'
import { isNote } from './session-stores.js'

export const START = Date.parse('2026-03-01T12:00:00Z')
export const LIFETIME_MS = 300_000
export const DAY_MS = 24 * 60 * 60_000

/** Time is faked in every test of the file: nothing is slept for. */
export function useFakeClock(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: START })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}

/** Lets so much time pass, and everything that is due meanwhile happen. */
export async function pass(durationMs: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(durationMs)
}

/** Lets everything happen that waits for no timer. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

/** The wall clock jumps, as after sleep or when somebody sets it: no timer fires for it. */
export function jump(offsetMs: number): void {
  vi.setSystemTime(Date.now() + offsetMs)
}

export interface Held<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

/** A promise that the test settles. */
export function held<T = void>(): Held<T> {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => undefined)
  return { promise, resolve, reject }
}

export const never = () => new Promise<never>(() => undefined)

/** Rejects when its signal is aborted, as `fetch` does. */
export function untilAborted({ signal }: { signal: AbortSignal }): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

export interface Watched<T> {
  value?: T
  error?: unknown
  /** How long it took, in milliseconds; `undefined`: it has not settled. */
  tookMs?: number
}

/** What becomes of a promise, and when. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  const startedAt = performance.now()
  const seen: Watched<T> = {}
  const stop = () => (seen.tookMs = performance.now() - startedAt)
  promise.then(
    (value) => {
      seen.value = value
      stop()
    },
    (error: unknown) => {
      seen.error = error
      stop()
    },
  )
  return seen
}

/** The error of ours that a call fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<TokenError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  )
  if (!isTokenError(error)) throw error
  return error
}

export type Step = (context: RefreshContext) => unknown

export interface Issuer {
  /** What the token endpoint says for the next tokens: `at-1` and `rt-1`, `at-2` and `rt-2`, ... */
  issue(this: void): {
    access_token: string
    refresh_token: string
    expires_in: number
    token_type: string
  }
  /** For the option `refresh`, and for `acquire`. */
  refresh(this: void, context: RefreshContext): Promise<TokenInput>
  /** The refresh token of each request. */
  readonly spent: (string | undefined)[]
  /** What befalls the next requests, each step one. */
  next(...steps: Step[]): void
  /** What befalls each request once the steps are used up; `undefined`: tokens are issued. */
  always: Step | undefined
}

/** A token endpoint without a network: it does what the test says, else it issues tokens. */
export function createIssuer({ lifetimeMs = LIFETIME_MS } = {}): Issuer {
  let issued = 0
  const steps: Step[] = []
  const issuer: Issuer = {
    issue() {
      issued++
      return {
        access_token: `at-${issued}`,
        refresh_token: `rt-${issued}`,
        expires_in: lifetimeMs / 1000,
        token_type: 'Bearer',
      }
    },
    async refresh(context) {
      issuer.spent.push(context.refreshToken)
      const step = steps.shift() ?? issuer.always
      return (await (step ? step(context) : issuer.issue())) as TokenInput
    },
    spent: [],
    next(...more) {
      steps.push(...more)
    },
    always: undefined,
  }
  return issuer
}

/** A step: the server refuses, in the shape in which openid-client and oauth4webapi throw it. */
export function refuses(
  status: number,
  error?: string,
  headers: Record<string, string> = {},
): Step {
  return () => {
    throw Object.assign(new Error(`HTTP ${status}`), {
      status,
      error,
      response: new Response(null, { status, headers }),
    })
  }
}

/** A step: the connection could not be made. */
export const refusesConnection: Step = () => {
  throw Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  })
}

/** A step: the connection broke, and nobody knows what the server did. */
export const breaksConnection: Step = () => {
  throw Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }),
  })
}

/** A manager that has tokens of this issuer: `at-1`, valid for its lifetime. */
export function signedIn(
  issuer: Issuer,
  options: Partial<TokenManagerOptions> & { store?: TokenStore } = {},
): TokenManager {
  return new TokenManager({
    refresh: issuer.refresh,
    initialTokens: issuer.issue(),
    ...options,
  } as TokenManagerOptions)
}

/** A store that the test looks into and interferes with. */
export interface OpenStore extends TokenStore {
  record: StoredSession | undefined
  loads: number
  saves: number
  /** Runs before each operation: may throw, or hang. */
  beforeLoad: (() => unknown) | undefined
  beforeSave: (() => unknown) | undefined
  /** Before a save that changes no tokens, but what is said beside them (a spend mark). */
  beforeNote: (() => unknown) | undefined
  beforeLease: (() => unknown) | undefined
  load(): Promise<StoredSession | undefined>
}

export function openStore(record?: StoredSession): OpenStore {
  let last: Promise<unknown> = Promise.resolve()
  const store: OpenStore = {
    record,
    loads: 0,
    saves: 0,
    beforeLoad: undefined,
    beforeSave: undefined,
    beforeNote: undefined,
    beforeLease: undefined,
    async load() {
      store.loads++
      await store.beforeLoad?.()
      return store.record
    },
    async save(session, { ifVersion }) {
      const isOnlyNote = isNote(store.record, session)
      if (!isOnlyNote) store.saves++
      await (isOnlyNote ? store.beforeNote : store.beforeSave)?.()
      if (store.record?.version !== ifVersion) return false
      store.record = session
      return true
    },
    exclusive(task) {
      const run = last.then(async () => {
        await store.beforeLease?.()
        return task({ isHeld: () => true })
      })
      last = run.catch(() => undefined)
      return run
    },
  }
  return store
}

/** A record as another process would have written it, valid for so long from now. */
export function storedTokens(
  accessToken: string,
  options: {
    sessionId?: string
    version?: number
    lifetimeMs?: number
    refreshToken?: string
  } = {},
): StoredSession {
  const { sessionId = 'session-1', version = 1, lifetimeMs = LIFETIME_MS } = options
  const issuedAt = Date.now()
  return {
    sessionId,
    version,
    tokens: {
      accessToken,
      tokenType: 'Bearer',
      refreshToken: options.refreshToken ?? `rt-of-${accessToken}`,
      issuedAt,
      expiresAt: issuedAt + lifetimeMs,
    },
  }
}

const EVENTS: (keyof TokenEvents)[] = [
  'refreshing',
  'refreshed',
  'refreshFailed',
  'adopted',
  'tokensSet',
  'sessionEnded',
  'saveFailed',
]

/** All that a manager tells, in order. */
export function eventsOf(manager: TokenManager): { type: keyof TokenEvents; event: unknown }[] {
  const seen: { type: keyof TokenEvents; event: unknown }[] = []
  for (const type of EVENTS) manager.on(type, (event) => seen.push({ type, event }))
  return seen
}
