import type { TokenStoreError } from 'tokenward'
import { describe, expect, it, vi } from 'vitest'
import type { RawRecord } from '../../../../src/stores/server/record.js'
import type { NewRecord } from '../../../../src/stores/server/record-server.js'
import { ServerRecords } from '../../../../src/stores/server/records.js'
import { record } from '../../../support/session/records.js'

const HUGE = 'x'.repeat(4_000_001)

function holding(stored: RawRecord) {
  const decode = vi.fn((text: string): unknown => JSON.parse(text))
  const written: NewRecord[] = []
  const setAside: RawRecord[] = []
  const server = {
    name: 'server',
    read: () => Promise.resolve(setAside.length > 0 ? NOTHING : stored),
    write: (made: NewRecord, ifVersion?: string) => {
      const isFree = setAside.length > 0 || stored.version === ifVersion
      if (isFree) written.push(made)
      return Promise.resolve(isFree)
    },
    setAside: (seen: RawRecord) => Promise.resolve(setAside.push(seen) > 0),
    acquire: () => Promise.resolve(undefined),
    renew: () => Promise.resolve(true),
    release: () => Promise.resolve(),
    errorOf: (thrown: unknown) => thrown as TokenStoreError,
  }
  const codec = { encode: (session: object) => JSON.stringify(session), decode }
  return { records: new ServerRecords(server, codec), decode, written, setAside }
}

const NOTHING: RawRecord = { version: undefined, session: undefined }

describe('a record of more than 4 MB', () => {
  it('is refused before it is decrypted or parsed', async () => {
    const { records, decode } = holding({ version: '1', session: HUGE })
    await expect(records.load()).rejects.toMatchObject({ reason: 'damaged' })
    expect(decode).not.toHaveBeenCalled()
  })

  it('gives way to a login, and is kept aside', async () => {
    const { records, written, setAside } = holding({ version: '1', session: HUGE })
    await expect(records.save(record(5), undefined)).resolves.toBe(true)
    expect([written.length, setAside.length]).toEqual([1, 1])
  })

  it('is not written, since it could not be read back', async () => {
    const { records, written } = holding(NOTHING)
    const session = record(5)
    const whole = { ...session, tokens: { ...session.tokens!, extra: { page: HUGE } } }
    const saved = records.save(whole, undefined)
    await expect(saved).rejects.toMatchObject({ code: 'ERR_TOKEN_STORE', isTransient: false })
    await expect(saved).rejects.toThrow('larger than 4 MB')
    expect(written).toEqual([])
  })
})
