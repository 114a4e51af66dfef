import { describe, expect, it } from 'vitest'
import { keysOf } from '../../../../src/stores/redis/keys.js'

/** That they are in one slot is asked of a real cluster: see test/real/redis-cluster.test.ts. */
describe('the keys of a session', () => {
  it.each([
    ['session:1', '{session:1}'],
    ['{tenant}:session:1', '{tenant}:session:1'],
    ['a{b}c', 'a{b}c'],
    ['a{}b', '{a{}b}'],
    ['a{b', '{a{b}'],
    ['a}b', '{a}b}'],
  ])('named %s keep its hash tag, or make it one', (key, record) => {
    expect(keysOf(key)).toEqual({
      record,
      lease: `${record}:lease`,
      damaged: `${record}:damaged`,
    })
  })
})
