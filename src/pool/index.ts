export type { TokenManagerPoolOptions } from './options.js'
export { TokenManagerPool, type PoolEvents } from './token-manager-pool.js'
