import { isFunction, isObject } from '../../checks.js'
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
 * What is used of `ioredis` (5 and later) and `iovalkey`: a `Redis` or a `Cluster`.
 *
 * @public
 */
export interface IoRedisClient {
  readonly status: string
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
  evalsha(sha1: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>
}

/** What is used of `@upstash/redis`, which speaks HTTP. @public */
export interface UpstashRedisClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
  evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>
}

/** What is used of Bun's own `RedisClient`. @public */
export interface BunRedisClient {
  readonly connected: boolean
  send(command: string, args: string[]): Promise<unknown>
}

/** @public */
export type RedisClient = NodeRedisClient | IoRedisClient | UpstashRedisClient | BunRedisClient

/**
 * Runs a script. A script goes to the node that may be written to, so that nothing is ever read
 * from a replica that lags behind.
 */
export type RunScript = (
  script: Script,
  keys: readonly string[],
  args: readonly string[],
) => Promise<unknown>

type Command = 'eval' | 'evalsha'
type Send = (command: Command, script: string, keys: string[], args: string[]) => Promise<unknown>

/**
 * By its digest; whole where the server does not know it yet, or has forgotten it.
 *
 * @internal
 */
export function runnerOf(client: RedisClient): RunScript {
  const send = senderOf(client)
  return async (script, keys, args) => {
    const [ownKeys, ownArgs] = [[...keys], [...args]]
    try {
      return await send('evalsha', await digestOf(script), ownKeys, ownArgs)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return send('eval', script, ownKeys, ownArgs)
    }
  }
}

/** @internal */
export function isRedisClient(client: unknown): client is RedisClient {
  return isNodeRedis(client) || isIoRedis(client) || isUpstash(client) || isBun(client)
}

/** Tells the clients apart by their shape: none is imported. */
function senderOf(client: RedisClient): Send {
  if (isNodeRedis(client)) {
    return (command, script, keys, args) =>
      client[command === 'eval' ? 'eval' : 'evalSha'](script, { keys, arguments: args })
  }
  if (isIoRedis(client)) {
    return (command, script, keys, args) => client[command](script, keys.length, ...keys, ...args)
  }
  if (isUpstash(client)) {
    return (command, script, keys, args) => client[command](script, keys, args)
  }
  return (command, script, keys, args) =>
    client.send(command.toUpperCase(), [script, `${keys.length}`, ...keys, ...args])
}

/** Upstash's client says before it which command of a pipeline failed. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && /\bNOSCRIPT /.test(error.message)
}

function isNodeRedis(client: unknown): client is NodeRedisClient {
  return has(client, 'evalSha') && has(client, 'eval')
}

/** node-redis 3, which has callbacks and no promises, names each command in capitals too. */
function hasEvalsha(client: unknown): client is object {
  return has(client, 'evalsha') && has(client, 'eval') && !has(client, 'EVALSHA')
}

/** It has a connection, and tells its state; a client over HTTP has none. */
function isIoRedis(client: unknown): client is IoRedisClient {
  return hasEvalsha(client) && typeof Reflect.get(client, 'status') === 'string'
}

function isUpstash(client: unknown): client is UpstashRedisClient {
  return hasEvalsha(client) && !isIoRedis(client) && has(client, 'createScript')
}

function isBun(client: unknown): client is BunRedisClient {
  return (
    has(client, 'send') && isObject(client) && typeof Reflect.get(client, 'connected') === 'boolean'
  )
}

function has(client: unknown, method: string): boolean {
  return isObject(client) && isFunction(Reflect.get(client, method))
}
