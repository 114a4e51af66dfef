import { TokenOptionsError } from '../../errors.js'
import { digestOf, type Script } from './scripts.js'

/**
 * What is used of `redis` (node-redis 4 and later): a client, a pool, a cluster, a sentinel.
 *
 * @public
 */
export interface NodeRedisClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/**
 * What is used of `ioredis` (5 and later): a `Redis` or a `Cluster`.
 *
 * @public
 */
export interface IoRedisClient {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** @public */
export type RedisClient = NodeRedisClient | IoRedisClient

/**
 * Runs a script. A script goes to the node that may be written to, so that nothing is ever read
 * from a replica that lags behind.
 */
export type RunScript = (
  script: Script,
  keys: readonly string[],
  args: readonly string[],
) => Promise<unknown>

/**
 * Tells the two clients apart by their shape: neither is imported.
 *
 * @throws TokenOptionsError for anything else
 * @internal
 */
export function runnerOf(client: unknown): RunScript {
  if (isNodeRedis(client)) {
    return cached(
      (sha1, keys, args) => client.evalSha(sha1, { keys: [...keys], arguments: [...args] }),
      (script, keys, args) => client.eval(script, { keys: [...keys], arguments: [...args] }),
    )
  }
  if (isIoRedis(client)) {
    return cached(
      (sha1, keys, args) => client.evalsha(sha1, keys.length, ...keys, ...args),
      (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
    )
  }
  throw new TokenOptionsError(
    '`client`: a client of redis (4 or later) or ioredis (5 or later) wanted, got ' +
      (client === null ? 'null' : typeof client),
  )
}

type Send = (what: string, keys: readonly string[], args: readonly string[]) => Promise<unknown>

/** By its digest; whole where the server does not know it yet, or has forgotten it. */
function cached(sendDigest: Send, sendWhole: Send): RunScript {
  return async (script, keys, args) => {
    try {
      return await sendDigest(await digestOf(script), keys, args)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return sendWhole(script, keys, args)
    }
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}

function isNodeRedis(client: unknown): client is NodeRedisClient {
  return has(client, 'evalSha') && has(client, 'eval')
}

/** node-redis 3, which has callbacks and no promises, names each command in capitals too. */
function isIoRedis(client: unknown): client is IoRedisClient {
  return has(client, 'evalsha') && has(client, 'eval') && !has(client, 'EVALSHA')
}

function has(client: unknown, method: string): boolean {
  const isObject = typeof client === 'object' && client !== null
  return isObject && typeof Reflect.get(client, method) === 'function'
}
