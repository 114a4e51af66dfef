export { redisStore } from './stores/redis/redis-store.js'
export type { IoRedisClient, NodeRedisClient, RedisClient } from './stores/redis/client.js'
export type { RedisStoreOptions } from './stores/redis/options.js'
