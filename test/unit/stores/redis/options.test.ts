import { TokenOptionsError } from 'tokenward'
import { redisStore } from 'tokenward/redis'
import { describe, expect, it } from 'vitest'

const nothing = () => Promise.resolve([null, null])
const client = { evalSha: nothing, eval: nothing }
const KEY = Buffer.alloc(32, 1)
const CLIENT = '`client` must be a client of node-redis (4 or later), ioredis'

describe('a mistake is told at once', () => {
  it.each<[string, object, string]>([
    ['no client', { client: undefined }, `${CLIENT} (5 or later), @upstash/redis or Bun, got undefined`], // prettier-ignore
    ['a null client', { client: null }, 'got null'],
    ['a URL', { client: 'redis://localhost' }, 'got another string'],
    ['a client of another kind', { client: { get: nothing } }, CLIENT],
    ['node-redis 3', { client: { eval: nothing, evalsha: nothing, EVALSHA: nothing } }, CLIENT],
    ['a client that has no state', { client: { eval: nothing, evalsha: nothing } }, CLIENT],
    ['something that sends', { client: { send: nothing } }, CLIENT],
    ['no key', { key: undefined }, '`key` must be a non-empty string, got undefined'],
    ['an empty key', { key: '' }, 'got an empty string'],
    ['no lifetime', { ttlMs: 0 }, '`ttlMs` must be a whole number of milliseconds, 1 or more, got 0'], // prettier-ignore
    ['half a millisecond', { ttlMs: 1.5 }, '`ttlMs`'],
    ['a lifetime for ever', { ttlMs: Infinity }, '`ttlMs`'],
    ['a lifetime beyond the clock of Redis', { ttlMs: Number.MAX_SAFE_INTEGER }, '`ttlMs`'],
    ['a lifetime as text', { ttlMs: '7' }, 'got another string'],
    ['a misspelt option', { ttl: 7 }, 'unknown option `ttl`'],
    ['encryption that is none', { encryption: '' }, '`encryption` must be an object, got an empty'],
    ['encryption that is null', { encryption: null }, '`encryption`'],
    ['a password for a key', { encryption: { key: 'secret password' } }, 'an encryption key must be 32 random bytes'], // prettier-ignore
    ['a short key', { encryption: { key: KEY.subarray(1) } }, 'got 31 bytes'],
    ['no key of encryption', { encryption: {} }, 'got undefined'],
    ['old keys that are no list', { encryption: { key: KEY, oldKeys: KEY } }, '`oldKeys` must be an array'], // prettier-ignore
    ['a bad old key', { encryption: { key: KEY, oldKeys: ['x'] } }, 'an encryption key must be'],
    ['a misspelt key', { encryption: { key: KEY, oldKey: KEY } }, 'unknown option `oldKey`'],
  ])('%s', (_, options, message) => {
    const make = () => redisStore({ client, key: 'session:1', ...options })
    expect(make).toThrow(TokenOptionsError)
    expect(make).toThrow(message)
    expect(make).toThrow(/^redisStore/)
  })

  it.each([[undefined], [null], ['key']])('no options at all: %s', (options) => {
    expect(() => redisStore(options as never)).toThrow('redisStore: `options` must be an object')
  })

  it('no key of encryption is quoted', () => {
    const encryption = { key: 'hunter2hunter2' }
    const make = () => redisStore({ client, key: 'session:1', encryption })
    expect(make).not.toThrow('hunter2')
  })
})

describe('a name that came from outside', () => {
  it.each([
    '../../etc/passwd',
    '{',
    '}x',
    '{alice}',
    'a:lease',
    'a:damaged',
    '\0',
    '\ud800',
    'x'.repeat(10_240),
    '__proto__',
  ])(
    // prettier-ignore
    'is a name like any other: %j',
    (key) => {
      expect(() => redisStore({ client, key })).not.toThrow()
    },
  )
})
