import type { TokenManagerOptions } from 'tokenward'

/** What a process of the CLI is started with. */
export interface Setting {
  readonly issuer: string
  readonly path: string
  /** The session is in the keyring, under this name. @default in the file as it is */
  readonly account?: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly timing?: Pick<
    TokenManagerOptions,
    'refreshTimeoutMs' | 'waitTimeoutMs' | 'refreshWindowMs' | 'retry' | 'keepFresh'
  >
  /** It kills itself (`kill -9`) when it gets to this step. */
  readonly dieAt?: Step
  /** It waits at this step until it is told to `goOn`. */
  readonly holdAt?: Step
}

/** The points of a refresh where something can be made to happen, in order. */
export const STEPS = [
  'leased',
  ...(['saving', 'renaming', 'renamed', 'saved'] as const), // what is stored, once more
  'sending',
  'answered',
  ...([
    'saving the answer',
    'renaming the answer',
    'renamed the answer',
    'saved the answer',
  ] as const),
  'released',
] as const
export type Step = (typeof STEPS)[number]

/** What it can be asked for. */
export type Act =
  /** `getAccessToken()`. */
  | 'token'
  /** `refresh({ rejected })`, as after a 401. */
  | 'rejected'
  | 'refresh'
  | 'login'
  | 'logout'
  /** `getTokens()`: the access token, if somebody is logged in. */
  | 'session'
  /** Moves its clock, by milliseconds. */
  | 'moveClock'
  /** Passes the step at which it was held. */
  | 'goOn'
  /** Renews again and again, and tells of each failure. */
  | 'work'
  | 'close'

export interface Request {
  readonly id: number
  readonly act: Act
  readonly given?: unknown
}

/** What users tell errors by. */
export interface Failure {
  readonly code: string
  readonly reason?: string
  readonly message: string
}

/** What came of it. */
export interface Answer {
  readonly value?: unknown
  readonly error?: Failure
}

export type Report =
  | ({ readonly kind: 'answer'; readonly id: number } & Answer)
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'step'; readonly name: Step }
  | ({ readonly kind: 'failure' } & Failure)
  | { readonly kind: 'ready' }

/** What the CLI that is interrupted is started with. */
export interface Interruption {
  readonly issuer: string
  readonly paths: readonly string[]
  readonly timeoutMs?: number
  /** Who else listens to SIGINT: an own listener, once or always, or the package `signal-exit`. */
  readonly listener?: 'once' | 'on' | 'signal-exit'
  /** Takes the first `finishBeforeExit` back. */
  readonly isUndone?: boolean
  /** Has nothing else to do. */
  readonly isShort?: boolean
}

/** What the CLI that leaves in the middle of a refresh is started with. */
export interface WayOut {
  readonly issuer: string
  readonly path: string
  readonly way:
    | 'throw'
    | 'reject'
    | 'own listener'
    | 'broken pipe'
    | 'listener throws'
    | 'Ctrl-C'
    | 'Ctrl-C uncaught'
    | 'Ctrl-C for others'
    | 'main throws'
    | 'main returns'
    | 'idle'
}

/** What the CLI whose access token is due is started with. */
export interface DueCall {
  readonly issuer: string
  readonly path: string
  readonly api: string
  readonly refreshWindowMs?: number
}

/** What the process that dies in the middle of a save is started with. */
export interface DyingSave {
  readonly path: string
  readonly dieAt?: number
}
