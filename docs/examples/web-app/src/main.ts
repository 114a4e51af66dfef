import { createApp } from './app.js'
import { readConfiguration } from './configuration.js'
import { connectRedis } from './redis-state.js'
import { memoryState } from './state.js'

const configuration = readConfiguration(process.env)
const { redisUrl, sessionKey, host, port } = configuration
const state = redisUrl === undefined ? memoryState() : await connectRedis(redisUrl, sessionKey)
const app = await createApp(configuration, state)
console.log('Listening at', await app.listen({ host, port }))

// A deploy. No process.exit(): the process ends by itself, once all is answered and saved.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close())
