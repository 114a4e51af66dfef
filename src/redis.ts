export { redisStore } from './stores/redis/redis-store.js'
export type {
  BunRedisClient,
  IoRedisClient,
  NodeRedisClient,
  RedisClient,
  UpstashRedisClient,
} from './stores/redis/client.js'
export type { RedisStoreOptions } from './stores/redis/redis-store.js'
export type { StoreEncryption } from './stores/server/codec.js'
export type { EncryptionKey } from './stores/encryption/encryption-key.js'
