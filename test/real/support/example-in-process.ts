import { once } from 'node:events'
import { startApi } from '../../../docs/examples/web-app/local/api.js'
import { listenOnLoopback } from '../../../docs/examples/web-app/local/loopback.js'
import { createApp } from '../../../docs/examples/web-app/src/app.js'
import { memoryState } from '../../../docs/examples/web-app/src/state.js'
import { quietly } from '../../support/oidc/quietly.js'
import { TokenLedger } from '../../support/oidc/token-ledger.js'
import { ExampleBrowser } from './example-browser.js'

const HOUR_MS = 60 * 60 * 1000

export type ExampleInProcess = Awaited<ReturnType<typeof openInProcess>>

/** Two instances of the example app that share a state and listen nowhere, and what they need. */
export async function openInProcess(origin: string, state = memoryState()) {
  const api = await startApi()
  const { server, origin: issuer } = await listenOnLoopback()
  const { CLIENT, provider } = await quietly(async () => {
    const local = await import('../../../docs/examples/web-app/local/authorization-server.js')
    const provider = local.createAuthorizationServer(issuer, {
      app: origin,
      accessTokenSeconds: () => 300,
      reuseGraceMs: HOUR_MS,
    })
    return { ...local, provider }
  })
  const grantIds = new Set<string>()
  provider.on('grant.saved', ({ jti }) => void grantIds.add(jti))
  const ledger = new TokenLedger(provider)
  provider.use(async (context, next) => {
    await next()
    if (context.oidc?.route !== 'discovery' || scene.hasLogoutPage) return
    delete (context.body as { end_session_endpoint?: string }).end_session_endpoint
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (scene.isAway) request.destroy()
    else void answer(request, response)
  })
  api.trust(issuer)
  const place = { origin: new URL(origin), host: '127.0.0.1', port: 0, issuer, api: api.origin }
  const configuration = {
    ...place,
    ...CLIENT,
    redisUrl: undefined,
    sessionKey: undefined,
    controls: undefined,
    logLevel: 'silent',
  }
  const app = await createApp(configuration, state)
  const other = await createApp(configuration, state)
  const scene = {
    issuer,
    ledger,
    isAway: false,
    /** Whether the server says where a user's session at it ends. */
    hasLogoutPage: true,
    /** The same browser, whose requests are led elsewhere. */
    otherInstance: ({ cookies }: ExampleBrowser) => new ExampleBrowser(other, cookies),
    browser: () => new ExampleBrowser(app),
    revokeAll: async () => {
      for (const id of grantIds) {
        await provider.RefreshToken.revokeByGrantId(id)
        await (await provider.Grant.find(id))?.destroy()
      }
    },
    close: async () => {
      for (const each of [app, other]) await each.close()
      for (const each of [api.server, server]) {
        const closed = once(each, 'close')
        each.close()
        each.closeAllConnections()
        await closed
      }
    },
  }
  return scene
}
