import type { TokenStoreError } from '../../errors.js'
import type { RawRecord } from './record.js'

/**
 * Where the record and the lease of one session are, on a server that many processes share. Each of
 * these is one step there, and rejects with whatever the client throws.
 */
export interface RecordServer {
  /** As users call it, for messages. */
  readonly name: string
  read(): Promise<RawRecord>
  /** @returns `false`, changing nothing, if what is stored does not have the version `ifVersion` */
  write(record: NewRecord, ifVersion: string | undefined): Promise<boolean>
  /**
   * Puts out of the way what cannot be read, and keeps it.
   *
   * @returns `false`, changing nothing, if what is stored is not what was seen
   */
  setAside(seen: RawRecord): Promise<boolean>
  /**
   * Takes the lease where it is free, has run out, or is this owner's already.
   *
   * @param knownVersion - the version of a record that need not be told
   * @returns `undefined` if the lease is ours, else what is stored while another has it
   */
  acquire(owner: string, durationMs: number, knownVersion?: string): Promise<RawRecord | undefined>
  /** @returns whether the lease is still this owner's */
  renew(owner: string, durationMs: number): Promise<boolean>
  release(owner: string): Promise<unknown>
  /** What the client threw, as an error of ours that names no secret. */
  errorOf(thrown: unknown, operation: TokenStoreError['operation']): TokenStoreError
}

export interface NewRecord {
  readonly version: string
  readonly session: string
}
