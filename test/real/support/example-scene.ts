import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { startApi } from '../../../docs/examples/web-app/local/api.js'
import { listenOnLoopback } from '../../../docs/examples/web-app/local/loopback.js'
import { startBalancer } from '../../support/balancer.js'
import { quietly } from '../../support/oidc/quietly.js'
import { TokenLedger } from '../../support/oidc/token-ledger.js'
import { startRedis } from '../../support/redis/server.js'
import { startExampleApp, type ExampleApp } from './example-app.js'

/** Longer than a lease. */
const GRACE_MS = 30_000
/** From when a refresh token is spent until the app has the new one: the other instance wants it too. */
const ANSWER_MS = 300
/** No token that is due within the test. */
const LONG_MS = 60_000

export type ExampleScene = Awaited<ReturnType<typeof openExampleScene>>

/** Two instances of the example app behind a balancer, and all that they need. */
export async function openExampleScene(accessTokenSeconds: number) {
  const redis = await startRedis()
  const balancer = await startBalancer()
  const api = await startApi()
  const { server, origin: issuer } = await listenOnLoopback()
  const { CLIENT, provider } = await quietly(async () => {
    const local = await import('../../../docs/examples/web-app/local/authorization-server.js')
    const provider = local.createAuthorizationServer(issuer, {
      app: balancer.origin,
      accessTokenSeconds: () => scene.accessTokenSeconds,
      reuseGraceMs: GRACE_MS,
    })
    return { ...local, provider }
  })

  const arrivals: { token: string; at: number }[] = []
  api.server.on('request', ({ headers }) => {
    const token = String(headers.authorization).replace('Bearer ', '')
    arrivals.push({ token, at: performance.now() })
  })
  api.trust(issuer)

  const refreshTokens = new Set<string>()
  provider.on('refresh_token.saved', ({ jti }) => void refreshTokens.add(jti))
  let onRefreshed: ((pid: string) => Promise<void>) | undefined
  provider.use(async (context, next) => {
    await next()
    const { route, params } = context.oidc ?? {}
    if (route !== 'token' || params?.grant_type !== 'refresh_token') return
    await delay(ANSWER_MS)
    await onRefreshed?.(context.get('x-process'))
  })
  const ledger = new TokenLedger(provider)
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))

  const startApp = () =>
    startExampleApp({
      ORIGIN: balancer.origin,
      ISSUER: issuer,
      API: api.origin,
      CLIENT_ID: CLIENT.clientId,
      CLIENT_SECRET: CLIENT.clientSecret,
      REDIS_URL: redis.url,
    })
  const apps = await Promise.all([startApp(), startApp()])
  const lead = () => void (balancer.targets = apps.map(({ origin }) => origin))
  lead()

  const scene = {
    origin: balancer.origin,
    apps,
    ledger,
    /** Of the tokens that are issued from now on. */
    accessTokenSeconds,
    get refreshes(): number {
      return ledger.of('refresh_token').length
    },
    /** The next to be given new tokens dies: the server has answered, and nothing is saved. */
    killNextRefresher() {
      const killing: { app?: ExampleApp } = {}
      onRefreshed = async (pid) => {
        onRefreshed = undefined
        const app = apps.find((each) => each.pid === pid)!
        await app.kill()
        killing.app = app
      }
      return killing
    },
    async replace(app: ExampleApp): Promise<void> {
      apps[apps.indexOf(app)] = await startApp()
      lead()
    },
    /** The tokens that came to the API since then, by `performance.now()`. */
    tokensSince: (since: number) =>
      arrivals.filter(({ at }) => at > since).map(({ token }) => token),
    isLong: (token: string) => decodeJwt(token).exp! * 1000 > Date.now() + LONG_MS,
    /** Those that are still good for anything. */
    async liveRefreshTokens(): Promise<string[]> {
      const found = await Promise.all(
        [...refreshTokens].map((token) => provider.RefreshToken.find(token)),
      )
      return found.flatMap((token) => (token ? [token.jti] : []))
    },
    async close(): Promise<void> {
      for (const app of apps) await app.kill()
      for (const each of [api.server, server]) stop(each)
      await balancer.stop()
      await redis.stop()
    },
  }
  return scene
}

function stop(server: Server): void {
  server.close()
  server.closeAllConnections()
}
