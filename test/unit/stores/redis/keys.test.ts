import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keysOf } from '../../../../src/stores/redis/keys.js'

const allOf = (name: string) => Object.values(keysOf(name)) as string[]

/** That they are in one slot is asked of a real cluster: see test/real/redis-cluster.test.ts. */
describe('the keys of a session', () => {
  it('are its name, and what is kept beside it', () => {
    const record = '{session:1}'
    const beside = { lease: `${record}:lease`, damaged: `${record}:damaged` }
    expect(keysOf('session:1')).toEqual({ record, ...beside })
  })

  it.each([
    ['alice', '{alice}'],
    ['x', 'x:lease'],
    ['{x}', '{x}:lease'],
    ['a}b', 'a%7db'],
    ['a\ud800', 'a\ud801'],
    ['a\ud800', 'a\ufffd'],
    ['a', 'a\0'],
    ['{tenant}:1', '{tenant}:2'],
  ])('of %j and of %j are none in common', (one, other) => {
    const inUtf8 = (name: string) => allOf(name).map((key) => Buffer.from(key).toString('hex'))
    expect(inUtf8(one).filter((key) => inUtf8(other).includes(key))).toEqual([])
  })

  it('are none in common for any two names', () => {
    const sign = fc.constantFrom('a', '{', '}', '%', '2', '5', '7', 'd', ':', '\0', '\ud800', 'ß')
    const name = fc.oneof(fc.array(sign, { minLength: 1, maxLength: 6 }).map((s) => s.join('')), fc.string({ minLength: 1, unit: 'binary' })) // prettier-ignore
    fc.assert(
      fc.property(name, name, (one, other) => {
        const shared = allOf(one).filter((key) => allOf(other).includes(key))
        expect(shared.length).toBe(one === other ? 3 : 0)
      }),
      { numRuns: 500 },
    )
  })

  it('have one hash tag for all, whatever is in the name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (name) => {
        const tags = allOf(name).map((key) => /^\{([^}]+)\}/.exec(key)?.[1])
        expect(new Set(tags).size).toBe(1)
        expect(tags[0]).toBeTruthy()
      }),
    )
  })
})
