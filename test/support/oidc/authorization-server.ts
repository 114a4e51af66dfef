import { CLIENT, createClients, type Clients } from './clients.js'
import { logIn, type Login } from './login.js'
import { openLoopback } from './loopback.js'
import { createProvider } from './provider.js'
import { TokenLedger } from './token-ledger.js'
import { UserAgent } from './user-agent.js'

/** oidc-provider on loopback. */
export interface AuthorizationServer {
  readonly issuer: string
  /** What `oauthClient` needs. */
  readonly client: { issuer: string; clientId: string; clientSecret: string }
  /** A client for each way to authenticate: what `oauthClient` needs besides the issuer. */
  readonly clients: Clients['own']
  /** The key of the client that authenticates by one. */
  readonly clientKey: Clients['privateKey']
  /** What arrived at its token endpoint. */
  readonly ledger: TokenLedger
  /** The lifetime, in seconds, of the access tokens issued from now on. */
  accessTokenTtl: number
  /** Waited for before a request is looked at: whoever holds it holds the request. */
  beforeRequest: (path: string) => Promise<void> | void
  logIn(userName: string): Promise<Login>
  /** A user's browser, which signs in and consents wherever it is asked to. */
  userAgent(userName: string): UserAgent
  /** Takes every session back, as an administrator does. JWTs that are out stay valid. */
  revokeSessions(): Promise<void>
  /** Whether a refresh token is still good for anything. */
  knows(refreshToken: string): Promise<boolean>
  /** Goes down: connections are refused. */
  stop(): Promise<void>
  /** Comes up again, with all that it knew. */
  start(): Promise<void>
}

export async function startAuthorizationServer(options: {
  accessTokenTtl: number
}): Promise<AuthorizationServer> {
  const loopback = await openLoopback()
  const issuer = loopback.origin
  const clients = await createClients()
  const provider = await createProvider(issuer, () => server.accessTokenTtl, clients)
  const ledger = new TokenLedger(provider)
  const grantIds = new Set<string>()
  provider.on('refresh_token.saved', ({ grantId }) => {
    if (grantId) grantIds.add(grantId)
  })

  const server: AuthorizationServer = {
    issuer,
    client: { issuer, ...CLIENT },
    clients: clients.own,
    clientKey: clients.privateKey,
    ledger,
    accessTokenTtl: options.accessTokenTtl,
    beforeRequest: () => {},
    logIn: (userName) => logIn(issuer, userName),
    userAgent: (userName) => new UserAgent({ login: userName, password: 'any' }),
    revokeSessions: async () => {
      for (const grantId of grantIds) {
        await provider.RefreshToken.revokeByGrantId(grantId)
        await (await provider.Grant.find(grantId))?.destroy()
      }
      grantIds.clear()
    },
    knows: async (refreshToken) => Boolean(await provider.RefreshToken.find(refreshToken)),
    stop: () => loopback.stop(),
    start: () => loopback.start(),
  }
  const answer = provider.callback()
  const serve: typeof answer = async (request, response) => {
    await server.beforeRequest(request.url ?? '')
    await answer(request, response)
  }
  loopback.serve((request, response) => void serve(request, response))
  return server
}
