import { beforeEach, describe, expect, it, vi } from 'vitest'
import { DpopNonceCache, type ProofAnswer } from '../../../src/http/dpop-nonce-cache.js'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const API = 'https://api.example.com/me?a=b'

let memory: DpopNonceCache
beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
  memory = new DpopNonceCache()
  return () => vi.useRealTimers()
})

const answer = (fields: Partial<ProofAnswer>): ProofAnswer => ({
  url: API,
  error: undefined,
  nonce: undefined,
  date: undefined,
  ...fields,
})
const at = (offsetMs: number) => new Date(NOW + offsetMs).toUTCString()

describe('a nonce', () => {
  it('is kept by origin, from refusals and from successes', () => {
    expect(memory.learn(answer({ error: 'use_dpop_nonce', nonce: 'N1' }))).toBe(true)
    expect(memory.claimsFor('https://api.example.com/other')).toMatchObject({ nonce: 'N1' })
    expect(memory.claimsFor('https://api.example.com:8443/me')).not.toHaveProperty('nonce')
    expect(memory.learn(answer({ nonce: 'N2' }))).toBe(false)
    expect(memory.claimsFor(API)).toMatchObject({ nonce: 'N2' })
    expect(memory.learn(answer({}))).toBe(false)
    expect(memory.claimsFor(API)).toMatchObject({ nonce: 'N2' })
  })

  it('that is wanted and not given makes no other try worthwhile', () => {
    expect(memory.learn(answer({ error: 'use_dpop_nonce', nonce: '' }))).toBe(false)
    expect(memory.claimsFor(API)).not.toHaveProperty('nonce')
  })

  it.each([
    ['with a line end', 'a\r\nb'],
    ['with a quote', 'a"b'],
    ['with characters that no header has', 'é'],
    ['that would make a header too long to be sent', 'a'.repeat(1_000_000)],
    ['of two headers', 'N2, N3'],
  ])('%s is none: the last good one goes on being used', (_, nonce) => {
    memory.learn(answer({ nonce: 'N1' }))
    expect(memory.learn(answer({ error: 'use_dpop_nonce', nonce }))).toBe(false)
    expect(memory.claimsFor(API)).toMatchObject({ nonce: 'N1' })
  })

  it('is kept for a hundred servers: the one not heard of for longest is forgotten', () => {
    const server = (index: number) => `https://s${index}.example.com/`
    for (let index = 0; index < 100; index++)
      memory.learn(answer({ url: server(index), nonce: 'N' }))
    memory.learn(answer({ url: server(0), nonce: 'N' }))
    memory.learn(answer({ url: server(100), nonce: 'N' }))
    expect(memory.claimsFor(server(0))).toHaveProperty('nonce')
    expect(memory.claimsFor(server(1))).not.toHaveProperty('nonce')
  })
})

describe("the server's clock", () => {
  const refused = (date: string | undefined) => answer({ error: 'invalid_dpop_proof', date })
  const offsetS = () => memory.claimsFor(API).issuedAt - NOW / 1000

  it('counts where a proof was refused and it is far off', () => {
    expect(memory.learn(refused(at(-600_000)))).toBe(true)
    expect(offsetS()).toBe(-600)
    expect(memory.learn(refused(at(-600_000)))).toBe(false)
    expect(memory.learn(refused(at(2_000)))).toBe(true)
    expect(offsetS()).toBe(0)
  })

  it('says nothing where it is about right, missing or unreadable', () => {
    expect(memory.learn(refused(at(-4_000)))).toBe(false)
    expect(memory.learn(refused(undefined))).toBe(false)
    expect(memory.learn(refused('soon'))).toBe(false)
    expect(offsetS()).toBe(0)
  })

  it('is not read from a success, which may come from a cache', () => {
    memory.learn(answer({ nonce: 'N1', date: at(-600_000) }))
    expect(offsetS()).toBe(0)
  })

  it('stays known when a nonce comes', () => {
    memory.learn(refused(at(600_000)))
    memory.learn(answer({ nonce: 'N1' }))
    expect(offsetS()).toBe(600)
  })
})
