import { TokenOptionsError } from 'tokenward'
import { redisStore } from 'tokenward/redis'
import { describe, expect, it } from 'vitest'

const nothing = () => Promise.resolve([null, null])
const client = { evalSha: nothing, eval: nothing }
const KEY = Buffer.alloc(32, 1)

describe('a mistake is told at once', () => {
  it.each<[string, object, string]>([
    ['no client', { client: undefined }, '`client`'],
    ['a null client', { client: null }, 'got null'],
    ['a URL', { client: 'redis://localhost' }, 'got string'],
    ['a client of another kind', { client: { get: nothing } }, 'a client of redis (4 or later)'],
    [
      'node-redis 3',
      { client: { eval: nothing, evalsha: nothing, EVALSHA: nothing } },
      'a client of redis (4 or later)',
    ],
    ['no key', { key: undefined }, '`key`: a non-empty string wanted, got undefined'],
    ['an empty key', { key: '' }, 'got an empty one'],
    ['a key that cannot be a hash tag', { key: '}x' }, '`key` must not begin with }'],
    ['the key of a lease', { key: 'a:lease' }, 'end with :lease'],
    ['the key of what is damaged', { key: 'a:damaged' }, ':damaged'],
    ['no lifetime', { ttlMs: 0 }, '`ttlMs`: whole milliseconds, 1 or more wanted, got 0'],
    ['half a millisecond', { ttlMs: 1.5 }, '`ttlMs`'],
    ['a lifetime for ever', { ttlMs: Infinity }, '`ttlMs`'],
    ['a lifetime beyond the clock of Redis', { ttlMs: Number.MAX_SAFE_INTEGER }, '`ttlMs`'],
    ['a lifetime as text', { ttlMs: '7' }, 'got string'],
    ['a misspelt option', { ttl: 7 }, 'unknown option `ttl`'],
    ['encryption that is none', { encryption: '' }, '`encryption`: { key } wanted, got string'],
    ['encryption that is null', { encryption: null }, '`encryption`'],
    ['a password for a key', { encryption: { key: 'secret password' } }, '`encryption`: a key'],
    ['a short key', { encryption: { key: KEY.subarray(1) } }, 'got 31 bytes'],
    ['old keys that are no list', { encryption: { key: KEY, oldKeys: KEY } }, 'a list wanted'],
    ['a bad old key', { encryption: { key: KEY, oldKeys: ['x'] } }, '`encryption`: a key'],
    ['a misspelt key', { encryption: { key: KEY, oldKey: KEY } }, 'unknown `oldKey`'],
  ])('%s', (_, options, message) => {
    const make = () => redisStore({ client, key: 'session:1', ...options })
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
  })

  it.each([[undefined], [null], ['key']])('no options at all: %s', (options) => {
    expect(() => redisStore(options as never)).toThrow('redisStore: options wanted')
  })

  it('no key of encryption is quoted', () => {
    const encryption = { key: 'hunter2hunter2' }
    const make = () => redisStore({ client, key: 'session:1', encryption })
    expect(make).not.toThrow('hunter2')
  })
})
