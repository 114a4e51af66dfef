import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { runnerOf } from '../../../../src/stores/redis/client.js'
import { READ } from '../../../../src/stores/redis/scripts.js'

const SHA1 = createHash('sha1').update(READ).digest('hex')
const unknown = () => Promise.reject(new Error('NOSCRIPT No matching script. Please use EVAL.'))

describe('a script', () => {
  it('goes to node-redis by its digest', async () => {
    const client = { evalSha: vi.fn(async () => 'done'), eval: vi.fn() }
    expect(await runnerOf(client)(READ, ['k'], ['a', 'b'])).toBe('done')
    expect(client.evalSha).toHaveBeenCalledWith(SHA1, { keys: ['k'], arguments: ['a', 'b'] })
    expect(client.eval).not.toHaveBeenCalled()
  })

  it('goes to ioredis by its digest', async () => {
    const client = { evalsha: vi.fn(async () => 'done'), eval: vi.fn() }
    expect(await runnerOf(client)(READ, ['k', 'l'], ['a'])).toBe('done')
    expect(client.evalsha).toHaveBeenCalledWith(SHA1, 2, 'k', 'l', 'a')
    expect(client.eval).not.toHaveBeenCalled()
  })

  it.each(['evalSha', 'evalsha'])(
    'goes whole to a server that does not know it (%s)',
    async (name) => {
      const client = { [name]: unknown, eval: vi.fn(async () => 'done') }
      expect(await runnerOf(client)(READ, ['k'], [])).toBe('done')
      expect(client.eval).toHaveBeenCalledOnce()
      expect(client.eval.mock.calls[0]?.[0 as never]).toBe(READ)
    },
  )

  it('that failed is not run again', async () => {
    const client = { evalSha: () => Promise.reject(new Error('OOM')), eval: vi.fn() }
    await expect(runnerOf(client)(READ, ['k'], [])).rejects.toThrow('OOM')
    expect(client.eval).not.toHaveBeenCalled()
  })
})
