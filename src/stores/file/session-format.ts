import type { StoredSession } from '../token-store.js'

/** The fields of a session's file, apart from its version. */
export type Content = Readonly<Record<string, unknown>>

/** How a session stands in its file. */
export interface SessionFormat {
  /** @param replaced - what the file holds now */
  encode(session: StoredSession, replaced: Content | undefined): Content | Promise<Content>
  /**
   * To be checked like anything that comes out of a store.
   *
   * @throws TokenStoreError `undecryptable`
   */
  decode(content: Content): unknown
  /**
   * Whether a login could be encoded over what the file holds now.
   *
   * @throws TokenStoreError
   */
  check?(replaced: Content | undefined): Promise<void>
  /**
   * Removes what the format keeps elsewhere of a session whose file has another format now.
   *
   * @param contentNow - reads what the file holds: a login may replace it at any moment
   */
  forget?(contentNow: () => Promise<Content | undefined>): Promise<void>
  /**
   * Called when the content is in its place. `false`: what it needs elsewhere is no longer there, so
   * it must be encoded and written again.
   */
  confirm?(content: Content): Promise<boolean>
  /** The same within one call, for a process that ends; `undefined` where that cannot be done. */
  readonly sync?: {
    encode(session: StoredSession, replaced: Content | undefined): Content | undefined
    decode(content: Content): unknown
  }
}

const IN_CLEAR = {
  encode: (session: StoredSession): Content => ({ session }),
  decode: ({ session }: Content): unknown => session,
}

/** In clear. @internal */
export const PLAIN = { ...IN_CLEAR, sync: IN_CLEAR } satisfies SessionFormat
