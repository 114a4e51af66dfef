import type Provider from 'oidc-provider'
import type { Configuration } from 'oidc-provider'
import { openLoopback } from '../../support/oidc/loopback.js'
import { quietly } from '../../support/oidc/quietly.js'
import { TokenLedger } from '../../support/oidc/token-ledger.js'

const HOUR = 60 * 60

/** oidc-provider that registers clients by itself, rotates, and takes a session back at reuse. */
export interface McpAuthorizationServer {
  readonly issuer: string
  readonly ledger: TokenLedger
  readonly provider: Provider
  /** The clients that were registered. */
  readonly registered: string[]
  /** The scopes of each authorization request. */
  readonly asked: string[]
  /** As a server does that clears what it registered. */
  forgetClients(): Promise<void>
  stop(): Promise<void>
}

export async function startMcpAuthorizationServer(): Promise<McpAuthorizationServer> {
  const loopback = await openLoopback()
  const issuer = loopback.origin
  const configuration: Configuration = {
    cookies: { keys: ['a key for tests'] },
    rotateRefreshToken: true,
    findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'notes:read notes:write',
          audience: resource,
          accessTokenFormat: 'opaque',
          accessTokenTTL: 300,
        }),
      },
    },
    ttl: { AccessToken: 300, RefreshToken: HOUR, IdToken: HOUR, Grant: HOUR, Interaction: HOUR, Session: HOUR }, // prettier-ignore
  }
  const provider = await quietly(async () => {
    const { Provider } = await import('oidc-provider')
    return new Provider(issuer, configuration)
  })
  const ledger = new TokenLedger(provider)
  const answer = provider.callback()
  const registered: string[] = []
  const asked: string[] = []
  provider.on('registration_create.success', (_context, { clientId }) => registered.push(clientId))
  provider.on('authorization.accepted', (context) => asked.push(String(context.oidc.params?.scope)))
  loopback.serve((request, response) => void answer(request, response))
  const { adapter } = provider.Client as unknown as {
    adapter: { destroy(id: string): Promise<void> }
  }
  const forgetClients = async () => {
    for (const id of registered) await adapter.destroy(id)
  }
  return { issuer, ledger, provider, registered, asked, forgetClients, stop: () => loopback.stop() }
}
