// All that the app needs, on this machine: an authorization server, an API, a Redis if there is one.
import { once } from 'node:events'
import { createApp } from '../src/app.js'
import { connectRedis } from '../src/redis-state.js'
import { memoryState } from '../src/state.js'
import { startApi } from './api.js'
import { CLIENT, createAuthorizationServer } from './authorization-server.js'
import { listenOnLoopback } from './loopback.js'
import { startRedis } from './redis.js'

const ACCESS_TOKEN_SECONDS = 15
const REUSE_GRACE_MS = 30_000
const { HOST: host = '127.0.0.1', PORT: port = '3000' } = process.env

const origin = new URL(`http://${host}:${port}`)
const api = await startApi()
const { server, origin: issuer } = await listenOnLoopback()
const answer = createAuthorizationServer(issuer, {
  app: origin.origin,
  accessTokenSeconds: () => ACCESS_TOKEN_SECONDS,
  reuseGraceMs: REUSE_GRACE_MS,
}).callback()
server.on('request', (request, response) => void answer(request, response))
api.trust(issuer)

const redisUrl = await startRedis()
const state = redisUrl === undefined ? memoryState() : await connectRedis(redisUrl, undefined)
const configuration = { origin, host, port: Number(port), issuer, ...CLIENT, api: api.origin }
const app = await createApp(
  { ...configuration, redisUrl, sessionKey: undefined, logLevel: 'warn' },
  state,
)
await app.listen({ host, port: Number(port) })

console.log(`
The app:                   ${origin.origin}
The authorization server:  ${issuer} (any name and password will do)
Sessions are kept in:      ${redisUrl ?? 'memory (redis-server is not installed)'}
Access tokens live for:    ${ACCESS_TOKEN_SECONDS} s, so reload the page now and then

Ctrl-C ends it.`)

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await app.close()
api.server.close()
server.close()
process.exit()
