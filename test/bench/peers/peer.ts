import type { AxiosAdapter } from 'axios'

/** What a token endpoint gave. */
export interface Issued {
  readonly accessToken: string
  readonly refreshToken: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** What a contender works with. */
export interface Setup {
  readonly issued: Issued
  readonly tokenEndpoint: string
  readonly baseURL: string
  /** In place of the network, for those on axios. */
  readonly adapter?: AxiosAdapter
}

/** Makes one GET request, and rejects unless it is answered with 2xx. */
export type Get = (path: string) => Promise<unknown>

/** A contender. What it cannot do is missing, and `lacks` says why. */
export interface Peer {
  readonly name: string
  /** Its npm package, where it has one of its own. */
  readonly package?: string
  /** A function that gives the token, as a user asks for it before a request. */
  readonly tokenGetter?: (setup: Setup) => Promise<() => unknown>
  /** A client that sends the token. */
  readonly client?: (setup: Setup) => Get
  readonly isOnAxios?: boolean
  /** All that one more user costs: made from token strings that exist already. */
  readonly session?: (issued: Issued) => unknown
}

/** The floor of a herd: what anybody would write who knew when it comes. */
export const ONE_PROMISE = 'one shared promise'
