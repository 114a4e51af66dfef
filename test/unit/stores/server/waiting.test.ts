import { TokenStoreError, type StoredSession } from 'tokenward'
import { describe, expect, it } from 'vitest'
import type { RawRecord } from '../../../../src/stores/server/record.js'
import type { RecordServer } from '../../../../src/stores/server/record-server.js'
import { ServerStore } from '../../../../src/stores/server/server-store.js'
import { TimedLease } from '../../../../src/stores/server/timed-lease.js'
import { record } from '../../../support/session/records.js'
import { fakeTime, pass, settle } from '../../../support/session/time.js'

fakeTime()

const plain = {
  encode: (session: StoredSession) => JSON.stringify(session),
  decode: (text: string): unknown => JSON.parse(text),
}

/** A server whose lease another process has, and whose renewals the test answers. */
class OneRecord implements RecordServer {
  readonly name = 'server'
  readonly renewals: ((isOurs: boolean) => void)[] = []
  stored: RawRecord = { version: undefined, session: undefined }
  isFree = false

  put(session: StoredSession): void {
    this.stored = { version: String(session.version), session: plain.encode(session) }
  }

  read = () => Promise.resolve(this.stored)
  write = () => Promise.resolve(true)
  setAside = () => Promise.resolve(false)
  acquire = () => Promise.resolve(this.isFree ? undefined : this.stored)
  renew = () => new Promise<boolean>((resolve) => this.renewals.push(resolve))
  release = () => Promise.resolve()
  errorOf = () => new TokenStoreError('failed', { operation: 'exclusive' })
}

describe('who waits for the lease of another process', () => {
  it('is woken by other tokens, also where this process has read them in the meantime', async () => {
    const server = new OneRecord()
    server.put(record(5))
    const store = new ServerStore(server, plain)
    await store.load()
    let isHeld: boolean | undefined
    void store.exclusive((lease) => Promise.resolve((isHeld = lease.isHeld())), {
      wakeOnChange: true,
    })
    await settle()
    server.put(record(6, [5]))
    await store.load() // somebody else in this process, whose read nobody adopts
    await pass(1_000)
    expect(isHeld).toBe(false)
  })
})

describe('a lease that the server has given to another', () => {
  it('stays lost, whatever an earlier renewal is answered later', async () => {
    const server = new OneRecord()
    server.isFree = true
    const lease = new TimedLease(server)
    await lease.acquire(undefined)
    let end!: () => void
    void lease.during(() => new Promise<void>((resolve) => (end = resolve)))
    await pass(3_000)
    const [first, second] = server.renewals
    second!(false)
    await settle()
    expect(lease.isHeld()).toBe(false)
    first!(true)
    await settle()
    expect(lease.isHeld()).toBe(false)
    end()
    await settle()
  })
})
