// All that the app needs, on this machine: an authorization server, an API, a Redis, a balancer.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { startApi } from './api.js'
import { CLIENT, createAuthorizationServer } from './authorization-server.js'
import { createBalancer } from './balancer.js'
import { answerControls, CONTROLS_PATH } from './controls.js'
import { startInstances } from './instances.js'
import { listenOnLoopback } from './loopback.js'
import { startRedis } from './redis.js'

const REUSE_GRACE_MS = 30_000
const { HOST: host = '127.0.0.1', PORT: port = '3000' } = process.env
const ACCESS_TOKEN_SECONDS = Number(process.env.ACCESS_TOKEN_SECONDS ?? 15)
/** What a button has stopped comes back so much later. */
const PAUSE_SECONDS = Number(process.env.PAUSE_SECONDS ?? 10)
const pause = () => delay(PAUSE_SECONDS * 1000, undefined, { ref: false })

const { origin } = new URL(`http://${host}:${port}`)
const api = await startApi()
const { server, origin: issuer } = await listenOnLoopback()
const answer = createAuthorizationServer(issuer, {
  app: origin,
  accessTokenSeconds: () => ACCESS_TOKEN_SECONDS,
  reuseGraceMs: REUSE_GRACE_MS,
}).callback()
let isIssuerAway = false
server.on('request', (request, response) => {
  if (isIssuerAway) request.destroy()
  else void answer(request, response)
})
api.trust(issuer)

const redis = await startRedis()
const balancer = createBalancer()
const environment = {
  HOST: '127.0.0.1',
  ORIGIN: origin,
  ISSUER: issuer,
  CLIENT_ID: CLIENT.clientId,
  CLIENT_SECRET: CLIENT.clientSecret,
  API: api.origin,
  CONTROLS: CONTROLS_PATH,
  LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
  ...(redis && { REDIS_URL: redis.url }),
}
const count = redis ? 2 : 1 // without a Redis, a session is known in one process alone
const instances = await startInstances(count, environment, balancer, PAUSE_SECONDS * 1000)

const handlers = {
  deny: () => api.denyNext(),
  kill: (form: URLSearchParams) => instances.kill(Number(form.get('process'))),
  async redis() {
    await redis?.stop()
    void pause().then(() => redis?.start())
  },
  issuer() {
    isIssuerAway = true
    void pause().then(() => (isIssuerAway = false))
  },
}
const front = createServer((request, response) => {
  void answerControls(request, response, handlers).then((isAnswered) => {
    if (!isAnswered) return balancer.answer(request, response)
  })
}).listen(Number(port), host)
await once(front, 'listening')

console.log(`
The app:                   ${origin} (${count} processes)
The authorization server:  ${issuer} (any name and password will do)
Sessions are kept in:      ${redis?.url ?? 'memory (redis-server is not installed)'}
Access tokens live for:    ${ACCESS_TOKEN_SECONDS} s, so reload the page now and then

Ctrl-C ends it.`)

await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
await instances.stop()
process.exit()
