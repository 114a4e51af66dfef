export { redisStore } from './stores/redis/redis-store.js'
export type { IoRedisClient, NodeRedisClient, RedisClient } from './stores/redis/client.js'
export type { RedisEncryption, RedisStoreOptions } from './stores/redis/options.js'
export type { EncryptionKey } from './stores/sealing/sealing-key.js'
