import { isTokenError, type TokenError } from 'tokenward'

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

/** What became of a promise so far. */
export interface Watched<T> {
  status: 'pending' | 'resolved' | 'rejected'
  value?: T
  error?: unknown
  /** How long it took, in milliseconds; `undefined`: it has not settled. */
  tookMs?: number
}

/** What becomes of a promise, and when, without waiting for it. */
export function watch<T>(promise: Promise<T>): Watched<T> {
  const startedAt = performance.now()
  const seen: Watched<T> = { status: 'pending' }
  const settle = (outcome: Omit<Watched<T>, 'tookMs'>) =>
    Object.assign(seen, outcome, { tookMs: performance.now() - startedAt })
  promise.then(
    (value) => settle({ status: 'resolved', value }),
    (error: unknown) => settle({ status: 'rejected', error }),
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
