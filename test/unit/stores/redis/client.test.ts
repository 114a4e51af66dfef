import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { runnerOf, type RedisClient } from '../../../../src/stores/redis/client.js'
import { READ } from '../../../../src/stores/redis/scripts.js'

const SHA1 = createHash('sha1').update(READ).digest('hex')
const FORGOTTEN = 'NOSCRIPT No matching script. Please use EVAL.'

/** What each client is asked for a script by its digest, and for the whole of it. */
const CLIENTS: Record<string, { make: (send: Send) => RedisClient; asks: Asks }> = {
  'node-redis': {
    make: (send) => ({ evalSha: send('evalSha'), eval: send('eval') }),
    asks: {
      byDigest: ['evalSha', SHA1, { keys: ['k', 'l'], arguments: ['a'] }],
      whole: ['eval', READ, { keys: ['k', 'l'], arguments: ['a'] }],
    },
  },
  ioredis: {
    make: (send) => ({ status: 'ready', evalsha: send('evalsha'), eval: send('eval') }),
    asks: {
      byDigest: ['evalsha', SHA1, 2, 'k', 'l', 'a'],
      whole: ['eval', READ, 2, 'k', 'l', 'a'],
    },
  },
  Upstash: {
    make: (send) => ({ createScript: vi.fn(), evalsha: send('evalsha'), eval: send('eval') }),
    asks: {
      byDigest: ['evalsha', SHA1, ['k', 'l'], ['a']],
      whole: ['eval', READ, ['k', 'l'], ['a']],
    },
  },
  Bun: {
    make: (send) => ({ connected: true, send: send('send') }),
    asks: {
      byDigest: ['send', 'EVALSHA', [SHA1, '2', 'k', 'l', 'a']],
      whole: ['send', 'EVAL', [READ, '2', 'k', 'l', 'a']],
    },
  },
}

type Send = (method: string) => () => Promise<unknown>
type Asks = Record<'byDigest' | 'whole', unknown[]>

describe.each(Object.entries(CLIENTS))('a script, through %s,', (_name, { make, asks }) => {
  const run = async (...outcomes: (string | Error)[]) => {
    const sent: unknown[][] = []
    const send: Send = (method) =>
      async function (...args: unknown[]) {
        sent.push([method, ...args])
        const outcome = outcomes.shift()
        if (outcome instanceof Error) throw outcome
        return outcome
      }
    const reply = await runnerOf(make(send))(READ, ['k', 'l'], ['a']).catch(String)
    return { sent, reply }
  }

  it('goes by its digest', async () => {
    expect(await run('done')).toEqual({ reply: 'done', sent: [asks.byDigest] })
  })

  it.each([FORGOTTEN, `Command 1 [ evalsha ] failed: ${FORGOTTEN}`])(
    'goes whole to a server that does not know it: %s',
    async (message) => {
      const sent = [asks.byDigest, asks.whole]
      expect(await run(new Error(message), 'done')).toEqual({ reply: 'done', sent })
    },
  )

  it('that failed is not run again', async () => {
    expect(await run(new Error('OOM'))).toEqual({ reply: 'Error: OOM', sent: [asks.byDigest] })
  })
})
